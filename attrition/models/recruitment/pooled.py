"""One number from several measures that are never mixed: the level now, as each measure would have it.

Measures end on different days. Each is set against one of them, the base, over the last year that both cover, and the
base's own last year is multiplied by that ratio. All measures then count alike, so the interval spans them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attrition.definitions import DAYS_PER_MONTH
from attrition.models.recruitment.outcome import Flow
from attrition.models.recruitment.totals import RecruitmentError


@dataclass(frozen=True, eq=False)
class Pooled:
    """Recruits a month over the last year that the base covers.

    Attributes
    ----------
    value, lower, upper, level
        Median and interval of the mixture in which every measure has the same weight.
    start, end : Timestamp
        First and last day of that year, or of what the base covers if it is less.
    measures : DataFrame
        By measure: `value, lower, upper` (persons a month, as it would have it), `ratio` (to the base, median), and
        `start, end` of the days on which the ratio rests.
    """

    value: float
    lower: float
    upper: float
    level: float
    start: pd.Timestamp
    end: pd.Timestamp
    measures: pd.DataFrame


def pool(flows: Mapping[str, Flow], base: str, *, level: float = 0.9) -> Pooled:
    """Put several flows of one thing together, each with the same weight.

    Parameters
    ----------
    flows : mapping of measure to Flow
        With the same number of draws.
    base : str
        The measure that reaches furthest; its last day is the day of the result.

    Raises
    ------
    RecruitmentError
        If there is no flow of the base, or another flow shares no day with it.
    """
    if base not in flows:
        raise RecruitmentError(f"Expected a flow of '{base}' among {', '.join(flows) or 'none'}, found none: add it.")
    start, end = _last_year(flows[base], flows[base])
    months = ((end - start).days + 1) / DAYS_PER_MONTH
    level_now = flows[base].sums(start, end) / months
    draws, rows = [], {}
    for name, flow in flows.items():
        begin, stop = _last_year(flows[base], flow)
        if stop < begin:
            raise RecruitmentError(f"Expected days that '{base}' and '{name}' both cover, found none: leave one out.")
        ratio = flow.sums(begin, stop) / flows[base].sums(begin, stop)
        draws.append(level_now * ratio)
        rows[name] = [*_quantiles(draws[-1], level), float(np.median(ratio)), begin, stop]
    columns = ["value", "lower", "upper", "ratio", "start", "end"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("measure")
    return Pooled(*_quantiles(np.concatenate(draws), level), level, start, end, table)


def _last_year(base: Flow, other: Flow) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The last year of days that both flows cover by totals, or less if they cover less."""
    stop = min(one.fitted["end"].max() for one in (base, other))
    first = max(one.fitted["start"].min() for one in (base, other))
    return max(first, stop - pd.DateOffset(years=1) + pd.Timedelta(days=1)), stop


def _quantiles(draws: np.ndarray, level: float) -> list[float]:
    return np.quantile(draws, [0.5, (1 - level) / 2, (1 + level) / 2]).tolist()
