"""Federal budget by month in a CSV table with a byte-order mark: totals from January, months by name."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from attrition.sources import strict
from attrition.sources.manifest import Manifest


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Read the running totals and take their differences within each year."""
    columns, year, month = source.columns["budget"], source.settings["year"], source.settings["month"]
    rows = []
    for record in strict.csv_records(payloads["budget"], [year, month, *columns, *source.unused["budget"]], "budget"):
        row = {
            "month": f"{strict.whole(record.pop(year), record.place)}-"
            f"{strict.label(record.pop(month), source.labels['month'], record.place)}"
        }
        for theirs, ours in columns.items():
            value = strict.number(record.pop(theirs), f"{record.place}, {theirs}")
            row[ours] = "" if value is None else str(value)
        record.done(source.unused["budget"])
        rows.append(row)
    return {source.only: _flows(strict.table(rows, ["month"], "budget"), list(columns.values()), source)}


def _flows(totals: pd.DataFrame, names: list[str], source: Manifest) -> pd.DataFrame:
    """Differences of running totals; a month whose forerunner is missing cannot be told apart and stops the reading."""
    totals = totals[totals["month"] >= str(source.settings["first_month"])].reset_index(drop=True)
    numbers = totals[names].apply(pd.to_numeric)
    january = totals["month"].str.endswith("-01")
    before = pd.PeriodIndex(totals["month"], freq="M") - 1
    missing = ~january & (pd.Series(before.astype("str")) != totals["month"].shift())
    if missing.any() or numbers.isna().any(axis=None):
        where = totals["month"][missing.idxmax() if missing.any() else numbers.isna().any(axis=1).idxmax()]
        raise strict.SourceError(
            f"Expected totals for every month to {where} in budget, found a gap: look at the file."
        )
    flows = numbers.where(january, numbers.diff(), axis=0)
    gap = (flows["revenue"] - flows["expenditure"] - flows["balance"]).abs()
    if (gap > float(source.settings["balance_tolerance"])).any():
        where = totals["month"][gap.idxmax()]
        raise strict.SourceError(f"Expected revenue less spending to be the balance of {where}, found otherwise.")
    return flows.map(lambda value: f"{value:.1f}").assign(month=totals["month"])
