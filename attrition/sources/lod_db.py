"""Daily totals in one list of JSON records, newest first, with null where the report named nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from attrition.sources import strict
from attrition.sources.manifest import Manifest


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Read the list; the address of each report is not kept."""
    rows = []
    for record in strict.read_list(strict.read_json(payloads["losses"], "losses"), "losses"):
        row = {"date": strict.day(record.pop("date"), record.place)}
        for theirs, ours in source.columns["losses"].items():
            row[ours] = strict.whole(record.pop(theirs), f"{record.place}, {theirs}")
        record.done(source.unused["losses"])
        rows.append(row)
    return {source.only: strict.table(rows, ["date"], "losses")}
