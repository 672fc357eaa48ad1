"""Daily prices in a CSV table of two columns."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from attrition.sources import strict
from attrition.sources.manifest import Manifest


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Read the table from the first day asked for; every day there has a price."""
    rows = []
    for record in strict.csv_records(payloads["prices"], ["Date", "Price"], "prices"):
        day = strict.day(record.pop("Date"), record.place)
        price = strict.number(record.pop("Price"), record.place)
        if price is None:
            raise strict.SourceError(f"Expected a price in {record.place}, found none: look at the file.")
        record.done()
        if day >= str(source.settings["first_day"]):
            rows.append({"date": day, "usd_per_barrel": strict.rounded(price, 2)})
    return {source.only: strict.table(rows, ["date"], "prices")}
