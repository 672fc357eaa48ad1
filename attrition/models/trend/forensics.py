"""What the digits and days of a daily count say about how it is made. Descriptive: nothing here is a verdict.

Round figures, an uneven tens digit, repeated days or a weekday effect show how a count is compiled and rounded. They
do not show whether its level is right, and their absence does not show it either.
"""

import numpy as np
import pandas as pd
from scipy import stats

from attrition.models.weeks import TrendError, check_dated

LEAST_DAYS_FOR_DIGITS = 50  # ten digits, five expected days each: the usual floor of a chi-square test
LEAST_WEEKS_FOR_WEEKDAYS = 8


def digits(daily: pd.Series, *, period: str = "Y") -> pd.DataFrame:
    """Count round figures, and test whether the tens digit is spread evenly, by period.

    Parameters
    ----------
    daily : Series
        Daily counts (not the cumulative figure), indexed by date, without NaN.
    period : str
        A pandas period: "Y", "Q" or "M".

    Returns
    -------
    DataFrame
        Indexed by period: `days`; `multiples_of_10` and `multiples_of_100`, shares of days from 0 to 1; `tested`, the
        days with a count of at least 100, whose tens digit is tested; `tens_chi_square` with 9 degrees of freedom,
        and `tens_p_value`, both NaN below 50 tested days.

    Notes
    -----
    The test assumes independent days whose spread is wide against 100, so that an honest tens digit is even
    (Beber & Scacco 2012, doi 10.1093/pan/mps003). A small p-value says rounded, not invented.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=4)
    >>> digits(pd.Series([100, 110, 125, 200], index=days))[["multiples_of_10", "multiples_of_100"]].to_numpy().tolist()
    [[0.75, 0.5]]
    """
    daily = _check_daily(daily)
    return _by_period(daily, period, _digits_of_one)


def repeats(daily: pd.Series, *, period: str = "Y") -> pd.DataFrame:
    """Count the days that repeat the count of the day before, report none, or take some back, by period.

    Parameters
    ----------
    daily : Series
        Daily counts (not the cumulative figure), indexed by date, without NaN.
    period : str
        A pandas period: "Y", "Q" or "M".

    Returns
    -------
    DataFrame
        Indexed by period: `days`; `pairs`, days whose day before is in the same period too; `repeated`, pairs of one
        count above zero; `expected`, the repeats to expect if the same counts came in random order; `zero`, days of
        no count, and `falling`, days of a negative one, on which the cumulative figure fell.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=5)
    >>> repeats(pd.Series([100, 100, 0, 120, -10], index=days)).iloc[0].to_dict()
    {'days': 5.0, 'pairs': 4.0, 'repeated': 1.0, 'expected': 0.4, 'zero': 1.0, 'falling': 1.0}
    """
    daily = _check_daily(daily)
    return _by_period(daily, period, _repeats_of_one).astype({"expected": float})


def weekday_effect(daily: pd.Series, *, level: float = 0.95) -> pd.DataFrame:
    """Compare each weekday's counts with the week around them.

    Parameters
    ----------
    daily : Series
        Daily counts (not the cumulative figure), indexed by date, without NaN; at least eight weeks.
    level : float
        Level of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        Indexed by weekday, 0 for Monday: `days`; `ratio`, the mean of the day's count over the mean of the seven days
        around it; `lower`, `upper` and `level` of a t interval of that mean; `p_value` of a Kruskal-Wallis test that
        all weekdays are alike, the same in every row.

    Notes
    -----
    Days count as independent, and a report belongs to the day it is dated, whatever day it reports on.
    """
    daily = _check_daily(daily)
    if not 0 < level < 1:
        raise TrendError(f"expected a level between 0 and 1, both excluded, found {level!r}: give a share")
    around = daily.asfreq("D").rolling(7, center=True).mean()
    ratios = (daily / around.where(around > 0)).dropna()
    groups = [ratios[ratios.index.day_of_week == day] for day in range(7)]
    fewest = min(len(group) for group in groups)
    if fewest < LEAST_WEEKS_FOR_WEEKDAYS:
        raise TrendError(
            f"expected at least {LEAST_WEEKS_FOR_WEEKDAYS} full weeks of daily counts, found {fewest}: "
            "give a longer series"
        )
    p_value = stats.kruskal(*groups).pvalue if ratios.nunique() > 1 else 1.0
    rows = [{**_mean_interval(group, level), "p_value": p_value} for group in groups]
    return pd.DataFrame(rows, index=pd.RangeIndex(7, name="weekday"))


def _check_daily(daily):
    daily = check_dated(daily, TrendError)
    if daily.isna().any():
        raise TrendError(
            f"expected a count for every day given, found none for {int(daily.isna().sum())}, the first on "
            f"{daily.index[daily.isna()][0]:%Y-%m-%d}: drop the days without a count"
        )
    return daily


def _by_period(daily, period, describe):
    try:
        periods = daily.index.to_period(str(period))
    except ValueError:
        raise TrendError(f"expected a period such as 'Y', 'Q' or 'M', found {period!r}: give one of these") from None
    rows = {key: describe(group) for key, group in daily.groupby(periods)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("period")


def _digits_of_one(counts):
    tested = counts[counts.abs() >= 100].abs()
    found = np.bincount((tested // 10 % 10).astype(int), minlength=10)
    enough = len(tested) >= LEAST_DAYS_FOR_DIGITS
    test = stats.chisquare(found) if enough else None
    return {
        "days": len(counts),
        "multiples_of_10": float((counts % 10 == 0).mean()),
        "multiples_of_100": float((counts % 100 == 0).mean()),
        "tested": len(tested),
        "tens_chi_square": float(test.statistic) if enough else np.nan,
        "tens_p_value": float(test.pvalue) if enough else np.nan,
    }


def _repeats_of_one(counts):
    neighbours = np.diff(counts.index) == pd.Timedelta(days=1)
    same = (np.diff(counts.to_numpy()) == 0) & (counts.to_numpy()[1:] > 0)
    sizes = counts[counts > 0].value_counts().to_numpy(dtype=float)
    n = len(counts)
    chance = (sizes * (sizes - 1)).sum() / (n * (n - 1)) if n > 1 else 0.0
    return {
        "days": n,
        "pairs": int(neighbours.sum()),
        "repeated": int((same & neighbours).sum()),
        "expected": float(chance * neighbours.sum()),
        "zero": int((counts == 0).sum()),
        "falling": int((counts < 0).sum()),
    }


def _mean_interval(group, level):
    mean, error = group.mean(), group.std() / np.sqrt(len(group))
    half = stats.t.ppf((1 + level) / 2, len(group) - 1) * error
    return {"days": len(group), "ratio": mean, "lower": mean - half, "upper": mean + half, "level": level}
