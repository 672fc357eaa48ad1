"""The totals of the latest day in one JSON object, beside their increase on the day before."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from attrition.sources import strict
from attrition.sources.manifest import Manifest


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Read the one day."""
    answer = strict.Record(strict.read_json(payloads["latest"], "latest"), "latest")
    told = strict.Record(answer.pop("data"), "latest, data")
    answer.done(source.unused["latest"])
    stats = strict.Record(told.pop("stats"), "latest, stats")
    row = {"date": strict.day(told.pop("date"), told.place)}
    told.done(source.unused["data"])
    for theirs, ours in source.columns["stats"].items():
        row[ours] = strict.whole(stats.pop(theirs), f"{stats.place}, {theirs}")
    stats.done(source.unused["stats"])
    return {source.only: strict.table([row], ["date"], "latest")}
