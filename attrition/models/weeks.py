"""Weekly and daily sums from a cumulative figure, and the checks every model of a weekly series begins with.

Gaps stay gaps: a week without a figure at its start or its end has no sum, and nothing is interpolated.
"""

import numpy as np
import pandas as pd

DAY = pd.Timedelta(days=1)
WEEK = pd.Timedelta(days=7)


class TrendError(ValueError):
    """A series cannot be read as the regular, positive, gap-free counts that a trend needs."""


def weekly_sums(cumulative: pd.Series) -> pd.Series:
    """Turn a cumulative figure into weekly sums, Monday to Sunday.

    Parameters
    ----------
    cumulative : Series
        A figure that counts up since some day, indexed by date, in any unit. Days may be missing, also by index.

    Returns
    -------
    Series
        The difference between each Sunday's figure and that of the Sunday before, indexed by the Sunday that ends
        the week, in the unit of the figure, without missing index steps. A week whose start or end is missing is
        NaN. Where the figure was corrected downwards a sum may be negative.

    Raises
    ------
    TrendError
        For anything but a date-indexed, sorted series with at least two Sundays.

    Examples
    --------
    >>> days = pd.date_range("2024-01-07", "2024-01-21")
    >>> weekly_sums(pd.Series(range(0, 150, 10), index=days)).to_dict()
    {Timestamp('2024-01-14 00:00:00'): 70.0, Timestamp('2024-01-21 00:00:00'): 70.0}
    """
    figure = check_dated(cumulative, TrendError).dropna()
    sundays = figure[figure.index.day_of_week == 6]
    if len(sundays) < 2:
        raise TrendError(f"expected a figure for at least two Sundays, found {len(sundays)}: give a longer series")
    week_ends = pd.date_range(sundays.index[0], sundays.index[-1], freq="7D")
    return sundays.reindex(week_ends).diff().iloc[1:].rename_axis(cumulative.index.name).rename(cumulative.name)


def daily_counts(cumulative: pd.Series) -> pd.Series:
    """Turn a cumulative figure into daily counts.

    Parameters
    ----------
    cumulative : Series
        A figure that counts up since some day, indexed by date. Days may be missing.

    Returns
    -------
    Series
        The difference between each day's figure and that of the day before, indexed by the day, in the unit of the
        figure. A day whose figure or day before is missing is left out, and a sum over several days never appears.

    Examples
    --------
    >>> days = pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-04", "2024-01-05"])
    >>> daily_counts(pd.Series([10, 30, 80, 90], index=days)).to_dict()
    {Timestamp('2024-01-02 00:00:00'): 20.0, Timestamp('2024-01-05 00:00:00'): 10.0}
    """
    figure = check_dated(cumulative, TrendError).dropna()
    yesterday = np.r_[False, np.diff(figure.index) == DAY]
    return figure.diff()[yesterday]


def check_dated(series, error) -> pd.Series:
    """Return a series as floats on a sorted index of distinct days, or raise `error` saying what is wrong with it.

    Missing values pass; infinite ones do not.
    """
    if not isinstance(series, pd.Series) or not len(series):
        found = f"'{type(series).__name__}'" if not isinstance(series, pd.Series) else "none"
        raise error(
            f"expected a pandas Series with at least one dated figure, found {found}: index the figures by date"
        )
    try:
        dates = pd.DatetimeIndex(series.index) if series.index.dtype.kind not in "iufb" else None
        values = pd.to_numeric(series).astype(float)
    except (TypeError, ValueError):
        dates = None
    if dates is None:
        raise error(
            f"expected numbers indexed by date, found {series.dtype} indexed by {series.index.dtype}: convert them"
        )
    if dates.hasnans or not dates.is_monotonic_increasing or dates.has_duplicates:
        raise error("expected sorted dates without repeats, found some missing, out of order or twice: sort them first")
    if np.isinf(values).any():
        raise error(f"expected finite figures, found an infinite one on {_day(dates[np.isinf(values)][0])}: correct it")
    return values.set_axis(dates.rename(series.index.name))


def check_weekly(weekly, least: int, error=TrendError) -> pd.Series:
    """Return a weekly series as positive floats without gaps, or raise `error` saying what is wrong with it."""
    weekly = check_dated(weekly, error)
    steps = np.diff(weekly.index)
    if (steps != WEEK).any():
        at = int(np.argmax(steps != WEEK))
        raise error(
            f"expected week ends seven days apart, found a step of {steps[at] / WEEK * 7:g} days to "
            f"{_day(weekly.index[at + 1])}: give weekly sums, with NaN for none"
        )
    if weekly.isna().any():
        raise error(
            f"expected a figure for every week, found none for {int(weekly.isna().sum())}, the first ending "
            f"{_day(weekly.index[weekly.isna()][0])}: start the series after the gap"
        )
    if (weekly <= 0).any():
        first = weekly[weekly <= 0]
        raise error(
            f"expected weekly sums above zero for a logarithmic scale, found {first.iloc[0]:g} for the week ending "
            f"{_day(first.index[0])}: correct the figure first"
        )
    if len(weekly) < least:
        raise error(f"expected at least {least} weekly sums, found {len(weekly)}: give a longer series")
    return weekly


def _day(timestamp) -> str:
    return f"{timestamp:%Y-%m-%d}"
