"""Losses for ground gained, month by month, and the months in which there is no such ratio.

Ground gained can be zero or negative, and a division by it would explode or mean nothing. Here such periods are
named, not drawn. Reached through `exchange`.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from attrition.models.weeks import check_dated

NO_LOSSES, NO_AREA = "losses not known", "area not known"
NO_GAIN, TOO_SMALL = "no net gain", "gain below the least area"


class ExchangeError(ValueError):
    """A ratio cannot be formed from the ranges, areas or settings given."""


def monthly(cumulative: pd.Series, *, longest_gap_days: int = 7) -> pd.Series:
    """Turn a running total into sums of calendar months, indexed by the last day of the month.

    A month end without a reading of its own is read on the straight line between its neighbours if these lie at most
    `longest_gap_days` apart; otherwise the months on both its sides are missing. The month in which the readings begin
    is left out.

    Examples
    --------
    >>> total = pd.Series([0.0, 310.0, 590.0], index=pd.to_datetime(["2023-12-31", "2024-01-31", "2024-02-28"]))
    >>> monthly(total).to_dict()
    {Timestamp('2024-01-31 00:00:00'): 310.0}
    """
    readings = check_dated(cumulative, ExchangeError).dropna()
    ends = pd.date_range(readings.index.min(), readings.index.max(), freq="ME")
    where = readings.index.searchsorted(ends)
    before = readings.index[np.maximum(where - 1, 0)]
    gap = (readings.index[np.minimum(where, len(readings) - 1)] - before).days
    read = np.interp(ends.asi8, pd.DatetimeIndex(readings.index).as_unit(ends.unit).asi8, readings)
    usable = ends.isin(readings.index) | (gap <= longest_gap_days)
    return pd.Series(np.where(usable, read, np.nan), index=ends, name=cumulative.name).diff().iloc[1:]


def per_area(losses: pd.Series, area: pd.Series, *, least_area: float, gross: pd.Series | None = None) -> pd.DataFrame:
    """Divide losses by the ground gained, period by period, and say where that is not defined.

    Parameters
    ----------
    losses : Series
        Losses of the side that gained or lost ground, at least 0, by period.
    area : Series
        Net ground gained, by the same periods; negative where ground was lost. Periods that only one of the two knows
        are kept and named.
    least_area : float
        Net gain below which the ratio would say more about the map than about the losses.
    gross : Series, optional
        Ground gained before ground lost is taken off; a second ratio is formed with it where it is known.

    Returns
    -------
    DataFrame
        By period: `losses`, `area`, `ratio`, `reason`, and with `gross` also `gross` and `gross_ratio`. `ratio` is
        never infinite or negative: it is missing where it is not defined, and `reason` says why ("" otherwise).

    Raises
    ------
    ExchangeError
        For negative losses, or a least area that is not above zero.

    Examples
    --------
    >>> months = ["January", "February", "March"]
    >>> found = per_area(pd.Series([900.0] * 3, months), pd.Series([45.0, 2.0, -30.0], months), least_area=10)
    >>> found["ratio"].to_list(), found["reason"].to_list()
    ([20.0, nan, nan], ['', 'gain below the least area', 'no net gain'])
    """
    if not (math.isfinite(least_area) and least_area > 0):
        raise ExchangeError(f"Expected a least area above zero, found {least_area!r}: choose how much ground counts.")
    found = pd.DataFrame({"losses": losses, "area": area}).astype(float)
    if (found["losses"] < 0).any():
        worst = found["losses"].idxmin()
        raise ExchangeError(f"Expected losses of at least 0, found {found['losses'].min():g} in {worst}: correct them.")
    reason = _reasons(found, least_area)
    found = found.assign(ratio=found["losses"].div(found["area"]).where(reason == ""), reason=reason)
    if gross is None:
        return found
    wide = pd.Series(gross, dtype=float).reindex(found.index)
    return found.assign(gross=wide, gross_ratio=found["losses"].div(wide.where(wide >= least_area)))


def over_all(table: pd.DataFrame, *, least_area: float, last: int | None = None) -> pd.Series:
    """Divide the losses of several periods by their net gain together.

    Parameters
    ----------
    table : DataFrame
        What `per_area` returned; periods that lack losses or area are left out of both sums.
    least_area : float
        Net gain of all periods together below which the ratio is not defined.
    last : int, optional
        Only this many of the last periods that know both.

    Returns
    -------
    Series
        `losses, area, ratio, reason` as in `per_area`, and `undefined`, the number of these periods that have no ratio
        of their own.
    """
    known = table.dropna(subset=["losses", "area"]).iloc[-(last or 0) :]
    sums = known[["losses", "area"]].sum(min_count=1)
    found = per_area(pd.Series([sums["losses"]]), pd.Series([sums["area"]]), least_area=least_area)
    return pd.concat([found.iloc[0], pd.Series({"undefined": int((known["reason"] != "").sum())})])


def _reasons(found: pd.DataFrame, least_area: float) -> pd.Series:
    losses, area = found["losses"], found["area"]
    why = [losses.isna(), area.isna() | np.isinf(area), area <= 0, area < least_area]
    return pd.Series(np.select(why, [NO_LOSSES, NO_AREA, NO_GAIN, TOO_SMALL], ""), index=found.index)
