"""Modelled value of fossil fuel exports by month, buyer and fuel in a list of JSON records."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from attrition.sources import strict
from attrition.sources.manifest import Manifest


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Read the records and sum them over buyers; the month still running is left out."""
    answer = strict.Record(strict.read_json(payloads["counter"], "counter"), "counter")
    rows = [_row(record, source) for record in strict.read_list(answer.pop("data"), "counter")]
    answer.done()
    strict.table(
        [{name: row[name] for name in ("month", "fuel", "buyer")} for row in rows],
        ["month", "fuel", "buyer"],
        "counter",
    )
    frame = pd.DataFrame(rows)
    frame = frame[frame["month"] < frame["month"].max()]
    sums = frame.groupby(["month", "fuel"], as_index=False)["value_eur"].sum()
    sums["billion_eur"] = sums["value_eur"].map(lambda value: strict.rounded(value / 10**9, 3))
    return {source.only: sums[["month", "fuel", "billion_eur"]].astype("str")}


def _row(record: strict.Record, source: Manifest) -> dict:
    place = record.place
    row = {
        "month": strict.day(str(record.pop("date"))[:10], place)[:7],
        "fuel": strict.label(record.pop("commodity_group"), source.labels["commodity_group"], place),
        "buyer": str(record.pop("destination_iso2")),
        "value_eur": strict.number(record.pop("value_eur"), place),
    }
    record.done(source.unused["counter"])
    if row["buyer"] != "None" and not (len(row["buyer"]) == 2 and row["buyer"].isupper()):
        raise strict.SourceError(f"Expected a two-letter code in {place}, found {strict.quote(row['buyer'])}.")
    if row["value_eur"] is None:
        raise strict.SourceError(f"Expected a value in {place}, found none: look at the file.")
    return row
