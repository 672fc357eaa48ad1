"""What was said first, held to what came: frozen forecasts and first figures, misses included.

Frames in, frames out. A forecast whose day has not come is left out, not scored as right; a figure that was never given
again is left out, not counted as final.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from attrition.models import scores

SAME = ["source", "measure", "side", "region", "partner", "as_of", "period_start", "period_end"]
FORECAST = ["target", "level", "lower", "median", "upper"]


class HindsightError(ValueError):
    """A forecast or figures that cannot be held to what came."""


def matured(quantiles: pd.DataFrame, total: pd.Series, origin) -> pd.DataFrame:
    """Score a frozen forecast of the growth of a running total, as far as its days have come.

    Parameters
    ----------
    quantiles : DataFrame
        `target` (day), `level` (0 to 1), `lower, median, upper`: growth since `origin`.
    total : Series
        The running total by day.
    origin : date
        Day from whose total growth counts.

    Returns
    -------
    DataFrame
        By `target`, for targets that have a reading: `observed, median`, `lower_50, upper_50, lower_90, upper_90` where
        these levels were given, and `wis` over all levels.

    Raises
    ------
    HindsightError
        If a column is missing or the total has no reading on the day of origin.

    Examples
    --------
    >>> total = pd.Series([10.0, 15.0], pd.to_datetime(["2030-01-06", "2030-01-13"]))
    >>> rows = [("2030-01-13", 0.8, 0.0, 2.0, 4.0), ("2030-01-13", 0.5, 1.0, 2.0, 3.0), ("2030-01-20", 0.8, 0, 4, 8)]
    >>> matured(pd.DataFrame(rows, columns=FORECAST), total, "2030-01-06")["wis"].round(6).to_dict()
    {Timestamp('2030-01-13 00:00:00'): 2.16}
    """
    lacking = [name for name in FORECAST if name not in quantiles]
    start = pd.Timestamp(origin)
    if lacking or start not in total.index:
        found = f"no {', '.join(lacking)}" if lacking else f"no total on {start:%Y-%m-%d}"
        raise HindsightError(
            f"Expected a forecast with {', '.join(FORECAST)} and a total on its first day, found {found}: give both."
        )
    rows = quantiles.assign(target=pd.to_datetime(quantiles["target"]))
    rows = rows[rows["target"].isin(total.index)]
    found = {target: _scored(part, total[target] - total[start]) for target, part in rows.groupby("target")}
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("target")


def revisions(figures: pd.DataFrame, finals: Mapping[str, str] | None = None) -> pd.DataFrame:
    """List figures that a speaker gave more than once for the same thing, first and last.

    Parameters
    ----------
    figures : DataFrame
        Cited figures: what identifies one (`SAME`), `low, central, published`.
    finals : mapping, optional
        Measures of first figures, and the measure that holds the later ones of the same speaker and period.

    Returns
    -------
    DataFrame
        `source, measure, side, as_of, first, last, first_published, last_published, versions, change` (share of the
        first, last less first), sorted by day. Rows without a day of publication count only in pairs of `finals`.
    """
    value = figures["central"].fillna(figures["low"])
    known = figures.assign(value=value).dropna(subset="value")
    dated = known.dropna(subset="published").sort_values("published", kind="stable")
    groups = dated.groupby(SAME, dropna=False, sort=False)
    table = groups.agg(
        first=("value", "first"),
        last=("value", "last"),
        first_published=("published", "first"),
        last_published=("published", "last"),
        versions=("published", "nunique"),
    ).reset_index()
    parts = [table[table["versions"] > 1], *(_pair(known, early, late) for early, late in (finals or {}).items())]
    found = pd.concat([part for part in parts if len(part)], ignore_index=True) if any(map(len, parts)) else parts[0]
    found = found.assign(change=found["last"] / found["first"] - 1)
    return found.drop(columns=["region", "partner", "period_start", "period_end"]).sort_values(["as_of", "source"])


def _scored(part: pd.DataFrame, observed: float) -> dict[str, float]:
    """One target: what came, the median, two intervals and the score."""
    levels = {row.level: (row.lower, row.upper) for row in part.itertuples()}
    ends = {}
    for level in (level for level in (0.5, 0.9) if level in levels):
        ends |= {f"lower_{level * 100:.0f}": levels[level][0], f"upper_{level * 100:.0f}": levels[level][1]}
    median = float(part["median"].iloc[0])
    return {"observed": observed, "median": median, **ends, "wis": scores.wis(observed, median, levels)}


def _pair(known: pd.DataFrame, early: str, late: str) -> pd.DataFrame:
    """First figures under one measure, later ones under another."""
    keys = [name for name in SAME if name != "measure"]
    first, last = (known[known["measure"] == name].drop_duplicates(keys, keep="last") for name in (early, late))
    both = first.merge(last[[*keys, "value", "published"]], on=keys, suffixes=("", "_last"))
    names = {"value": "first", "value_last": "last", "published": "first_published", "published_last": "last_published"}
    return both.rename(columns=names)[[*SAME, *names.values()]].assign(measure=late, versions=2)
