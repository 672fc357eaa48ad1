"""Figures of two sides put together: which figure of the one belongs to which of the other, and their ratio.

Only comparable figures of about one day are paired, so that a ratio never mixes dead with casualties or one year with
another. Which figures are handed in, and which pair is believed, is the chapter's choice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from attrition import definitions
from attrition.definitions import Figure, Range
from attrition.models import exchange

COLUMNS = ["id_a", "id_b", "source_a", "source_b", "as_of", "days_apart"]


def running(periods: pd.DataFrame, like: Figure) -> list[Figure]:
    """Add periods up to running totals, as figures that can be put beside cited ones.

    Parameters
    ----------
    periods : DataFrame
        Counts of neighbouring periods from the first day on: `low`, `central`, `high`, indexed by the last day.
    like : Figure
        A cited running total: its definition, side, speaker and first day are taken over.

    Returns
    -------
    list of Figure
        One for each period. Lows are added to lows and highs to highs, as if the errors of all periods went together:
        the widest ends there are.

    Raises
    ------
    ExchangeError
        If `like` is not a running total, or a period has no count.
    """
    if not like.definition.cumulative:
        raise exchange.ExchangeError(
            f"Expected a running total to add periods up to, found {like}: give a figure since the first day."
        )
    if periods[["low", "central", "high"]].isna().any(axis=None):
        raise exchange.ExchangeError("Expected low, central and high for every period, found a gap: fill or end there.")
    totals = periods[["low", "central", "high"]].cumsum()
    return [
        replace(like, id=f"{like.source}-{day:%Y-%m-%d}", as_of=day.date(), end=day.date(), **row)
        for day, row in zip(totals.index, totals.to_dict("records"), strict=True)
    ]


def pairs(a: Iterable[Figure], b: Iterable[Figure], *, same_speaker: bool = False) -> list[tuple[Figure, Figure]]:
    """Put to each figure of side B the comparable figure of side A that lies nearest in time.

    Parameters
    ----------
    a, b : figures
        Cited figures; those of different measures, of periods of unlike length, or whose days (for a flow: last days)
        lie more than a month apart are never paired.
    same_speaker : bool
        Pair only figures that one speaker gave about both.

    Returns
    -------
    list of (Figure, Figure)
        In the order of the days of `b`; figures without a counterpart are left out. Of two counterparts equally near
        the later is taken.
    """
    found = []
    for other in sorted(b, key=lambda figure: (figure.as_of, figure.id)):
        fit = [one for one in a if _fit(one, other) and same_speaker <= (one.source == other.source)]
        if fit:
            found.append((min(fit, key=lambda one: (*_apart(one, other), one.id)), other))
    return found


def table(matched: Iterable[tuple[Figure, Figure]], **options) -> pd.DataFrame:
    """Form the ratio of every pair: `id_a, id_b, source_a, source_b, as_of, days_apart, median, lower, upper`.

    `as_of` is the day of the figure of side B. `options` are those of `exchange.ratio`. Pairs in which one is a floor
    or a ceiling alone have no distribution: `median` is missing, and `lower` or `upper` is what the ends allow.
    """
    rows = []
    for one, other in matched:
        known = (one.id, other.id, one.source, other.source, pd.Timestamp(other.as_of), _apart(one, other)[0])
        rows.append((*known, *_stated(one, other, options)))
    found = pd.DataFrame(rows, columns=[*COLUMNS, "median", "lower", "upper"])
    return found.astype({"as_of": "datetime64[us]", "median": float, "lower": float, "upper": float})


def _stated(one: Figure, other: Figure, options: dict) -> tuple[float, float, float]:
    if all(_whole(figure.range) for figure in (one, other)):
        found = exchange.ratio(one, other, **options)
        return found.median, found.lower, found.upper
    ends = definitions.ratio(one, other)
    return tuple(math.nan if end is None else end for end in (None, ends.low, ends.high))


def _whole(numbers: Range) -> bool:
    """Whether a range has both its ends."""
    return numbers.low is not None and numbers.high is not None


def _apart(one: Figure, other: Figure) -> tuple[int, int]:
    """Days between two figures, and then the later first."""
    days = (one.as_of - other.as_of).days
    return abs(days), -days


def _fit(one: Figure, other: Figure) -> bool:
    """Whether two figures count the same thing at about the same time."""
    return definitions.comparable(one, other) and _apart(one, other)[0] <= definitions.ALIKE_DAY_DAYS
