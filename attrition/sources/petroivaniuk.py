"""Daily totals in two lists of JSON records, personnel and equipment, oldest first."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from attrition.sources import strict
from attrition.sources.manifest import Manifest


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Read both lists and join them by day; a day in one list alone has no entry in the columns of the other."""
    lists = {name: _totals(source, name, payloads[name]).set_index("date") for name in source.addresses}
    joined = pd.concat(list(lists.values()), axis=1).fillna("").sort_index()
    return {source.only: joined.rename_axis("date").reset_index()}


def _totals(source: Manifest, name: str, payload: bytes) -> pd.DataFrame:
    records = strict.read_list(strict.read_json(payload, name), name)
    newest = max(str(record.left.get("date")) for record in records)
    rows = []
    for record in records:
        late = [] if record.left.get("date") == newest else source.late[name]
        row = {"date": strict.day(record.pop("date"), record.place)}
        for theirs, ours in source.columns[name].items():
            value = record.pop_late(theirs) if theirs in late else record.pop(theirs)
            row[ours] = strict.whole(value, f"{record.place}, {theirs}")
        record.done(source.unused[name])
        rows.append(row)
    return strict.table(rows, ["date"], name)
