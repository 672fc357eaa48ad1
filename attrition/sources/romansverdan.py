"""Daily totals in one CSV table, oldest first, with an empty cell where the report named nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from attrition.sources import strict
from attrition.sources.manifest import Manifest


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Read the table."""
    columns, unused = source.columns["losses"], source.unused["losses"]
    rows = []
    for record in strict.csv_records(payloads["losses"], ["date", *columns, *unused], "losses"):
        row = {"date": strict.day(record.pop("date"), record.place)}
        for theirs, ours in columns.items():
            row[ours] = strict.whole(record.pop(theirs), f"{record.place}, {theirs}")
        record.done(unused)
        rows.append(row)
    return {source.only: strict.table(rows, ["date"], "losses")}
