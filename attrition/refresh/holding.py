"""What the room to be refreshed holds, as text: its tables as they stand in their files, and with their corrections."""

from __future__ import annotations

import pandas as pd

from attrition.refresh.reconciling import Claim
from attrition.room.contract import CORRECTIONS, Contract, RoomError, Table
from attrition.room.tables import correct, read_cells
from attrition.sources.manifest import Target

SERIES = "series/"
COMMON = {"profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}


class Held:
    """The room to be refreshed, as text: its tables as they stand in their files, and with their corrections."""

    def __init__(self, contract: Contract):
        self.contract = contract
        self.corrections = read_cells(contract, CORRECTIONS)
        self.speakers = set(read_cells(contract, "sources")["id"])

    def table(self, series: str, target: Target) -> Table:
        """The table of a series: the room's own, else as the source describes it."""
        name = SERIES + series
        if name in self.contract.tables:
            return self.contract.tables[name]
        if target.resource is None:
            raise RoomError(f"Expected {name} in the room, found none: add the table, or describe it with the source.")
        return Table(name, f"{name}.csv", {"name": name, "path": f"{name}.csv", **COMMON, **target.resource})

    def raw(self, table: Table) -> pd.DataFrame | None:
        """The cells of a table, or None where the room does not hold it."""
        return read_cells(self.contract, table.name) if table.name in self.contract.tables else None

    def disputed(self, series: str) -> Table:
        """The table of disagreements about a series."""
        for table in self.contract.tables.values():
            if table.says("transcribes") == SERIES + series:
                return table
        raise RoomError(f"Expected a table that transcribes {SERIES}{series}, found none: add one to the contract.")

    def claim(self, table: Table) -> Claim:
        """All that the room holds of a claim with several transcriptions."""
        raw = self.raw(table)
        if raw is None:
            raise RoomError(f"Expected {table.name} in the room, found none: transcriptions continue a series.")
        disputed = self.disputed(table.name.removeprefix(SERIES))
        accepted, _ = correct(raw, table, self.corrections)
        return Claim(table, raw, accepted, disputed, read_cells(self.contract, disputed.name))

    def corrected_cells(self, table: Table) -> set[tuple[str, str]]:
        """Row and column of every correction of a table."""
        own = self.corrections[self.corrections["resource"] == table.name]
        return set(zip(own["key"], own["field"], strict=True))
