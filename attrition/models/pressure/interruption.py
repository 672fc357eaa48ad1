"""What a series did before and after named days: levels, slopes and their changes, with intervals.

A segmented regression (Wagner et al. 2002, doi 10.1046/j.1365-2710.2002.00430.x): each stretch between two named days
has a mean of its own, and a slope where it is long enough for one. Figures of different families are refused, because
a step between two ways of measuring is no event. Nothing here says that an event caused what followed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from attrition.models.pressure.faults import PressureError
from attrition.models.pressure.revenue import LEVEL, hac_lag, monthly

SLOPE_MONTHS = 6  # months that a stretch needs before its slope is estimated
HAC_MONTHS = 24  # months in all from which on errors may follow each other; below, too few to tell
LEAST_FREEDOM = 2  # months beyond the number of coefficients below which no interval is given


@dataclass(frozen=True)
class Interruption:
    """A series cut at named days.

    Attributes
    ----------
    stretches : DataFrame
        One row a stretch: `first`, `last` (months), `months`, `mean`, `lower`, `upper`, and the `slope` a month with
        `slope_lower`, `slope_upper` (missing where the stretch is shorter than six months).
    steps : DataFrame
        One row a named day (index `day`): `before`, `after` (means), `change` with `lower`, `upper`, and the `jump` at
        the day with `jump_lower`, `jump_upper` (missing unless both stretches have a slope).
    errors : str
        How errors were taken: "Newey-West", "one spread" or "not defined".
    lag : int
        Months over which errors may follow each other.
    level : float
        Level of the intervals.
    """

    stretches: pd.DataFrame
    steps: pd.DataFrame
    errors: str
    lag: int
    level: float


def one_family(rows: pd.DataFrame) -> pd.Series:
    """Turn cited rows of one measure and one source into a series by month.

    Parameters
    ----------
    rows : DataFrame
        Columns `measure`, `source`, `as_of` (last day of the month) and `central`; rows without a central number (a
        floor, a ceiling) are not used.

    Raises
    ------
    PressureError
        If rows of several measures or sources are mixed, a month is given twice, or no row has a number.
    """
    for column, what in (("measure", "one family of figures"), ("source", "figures of one source")):
        found = sorted(rows[column].unique())
        if len(found) > 1:
            raise PressureError(
                f"Expected {what} in a series, found {' and '.join(found)}: fit each of them on its own."
            )
    known = rows.dropna(subset="central")
    if known.empty:
        raise PressureError("Expected a central number in at least one row, found none: floors make no series.")
    return monthly(known.set_index("as_of")["central"], found[0])


def inside(series: pd.Series, breaks: Sequence) -> list[pd.Timestamp]:
    """Pick the days that cut a series: a month of it lies before each, from each on, and between any two.

    Of two days with no month between them the earlier is kept.

    Examples
    --------
    >>> months = pd.Series([1.0, 2.0, 3.0], pd.period_range("2024-01", periods=3, freq="M"))
    >>> [f"{day:%d %b}" for day in inside(months, ["2023-12-01", "2024-02-01", "2024-02-10", "2024-05-01"])]
    ['01 Feb']
    """
    middle = _middle(monthly(series, "the series").dropna().index)
    picked: list[pd.Timestamp] = []
    for day in sorted(_days(breaks)):
        since = picked[-1] if picked else pd.Timestamp.min
        if ((middle >= since) & (middle < day)).any() and (middle >= day).any():
            picked.append(day)
    return picked


def interrupt(
    series: pd.Series, breaks: Sequence[date | str], *, gaps: bool = False, level: float = LEVEL
) -> Interruption:
    """Cut a monthly series at named days and measure what changed.

    A month belongs to the stretch in which its middle (the 15th) lies. With 24 months or more errors may follow each
    other up to `hac_lag` months; if besides every stretch has six months, each may have its own spread (Newey-West).
    Otherwise all stretches share one spread, and below 24 months errors are taken as unrelated; `errors` and `lag` say
    which. With fewer than two months beyond the number of coefficients there is no interval.

    Parameters
    ----------
    series : Series
        By month, one family (`one_family`).
    breaks : sequence of days
        Inside the series, each with a month between it and the next; none for one stretch.
    gaps : bool
        Whether months may be missing inside the series. They are not filled in.

    Raises
    ------
    PressureError
        For a day outside the series, two days with no month between them, and missing months unless `gaps`.

    Examples
    --------
    >>> months = pd.period_range("2024-01", periods=8, freq="M")
    >>> found = interrupt(pd.Series([10, 12, 11, 11, 5, 7, 6, 6.0], months), ["2024-05-03"])
    >>> found.steps["change"].tolist(), round(float(found.steps["upper"].iloc[0]), 1), found.errors
    ([-5.0], -3.9, 'one spread')
    """
    known = monthly(series, "the series").dropna()
    days = sorted(_days(breaks))
    _check_gaps(known, gaps)
    labels = _stretches(known, days)
    places = (known.index.year * 12 + known.index.month).to_numpy(dtype=float)
    matrix, centres = _design(labels, places)
    solved = _Solved.of(known, matrix, int(np.bincount(labels).min()), level)
    return Interruption(
        stretches=_describe(known, labels, solved),
        steps=_compare(days, known, centres, solved),
        errors=solved.errors,
        lag=solved.lag,
        level=level,
    )


@dataclass(frozen=True)
class _Solved:
    """Coefficients of a segmented regression and what their sums are worth."""

    names: list[str]
    values: np.ndarray
    covariance: np.ndarray
    freedom: int
    errors: str
    lag: int
    level: float

    @classmethod
    def of(cls, known: pd.Series, matrix: pd.DataFrame, shortest: int, level: float) -> _Solved:
        months, width = matrix.shape
        long = months >= HAC_MONTHS
        lag = hac_lag(months) if long else 0
        model = sm.OLS(known.to_numpy(), matrix.to_numpy()).fit()
        if months - width < LEAST_FREEDOM:
            return cls(list(matrix), model.params, np.full((width, width), np.nan), 1, "not defined", 0, level)
        robust = long and shortest >= SLOPE_MONTHS
        covariance = _newey_west(model, lag) if robust else _one_spread(model, lag)
        errors = "Newey-West" if robust else "one spread"
        return cls(list(matrix), model.params, covariance, months - width, errors, lag, level)

    def of_sum(self, weights: dict[str, float]) -> tuple[float, float, float]:
        """Weighted sum of coefficients with its interval; missing where a coefficient was not estimated."""
        if not set(weights) <= set(self.names):
            return np.nan, np.nan, np.nan
        row = np.array([weights.get(name, 0.0) for name in self.names])
        value, variance = float(row @ self.values), float(row @ self.covariance @ row)
        reach = float(stats.t.ppf((1 + self.level) / 2, self.freedom) * np.sqrt(variance))
        return value, value - reach, value + reach


def _newey_west(model, lag: int) -> np.ndarray:
    robust = model.get_robustcov_results("HAC", maxlags=lag, use_correction=True, use_t=True)
    return robust.cov_params()


def _one_spread(model, lag: int) -> np.ndarray:
    """Errors of one spread in all stretches, following each other up to a lag; without lag the textbook formula.

    A stretch of one month has no residual of its own: only a spread shared with the others can speak for it.
    """
    matrix, residuals = model.model.exog, model.resid
    months, width = matrix.shape
    follows = [float(residuals[step:] @ residuals[: months - step]) / (months - width) for step in range(lag + 1)]
    apart = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    spread = sum(follows[step] * (1 - step / (lag + 1)) * (apart == step) for step in range(lag + 1))
    inverse = np.linalg.inv(matrix.T @ matrix)
    return inverse @ matrix.T @ spread @ matrix @ inverse


def _days(breaks) -> list[pd.Timestamp]:
    return [pd.Timestamp(day).normalize() for day in breaks]


def _middle(months: pd.PeriodIndex) -> pd.DatetimeIndex:
    return months.to_timestamp() + pd.Timedelta(days=14)


def _check_gaps(known: pd.Series, gaps: bool) -> None:
    if known.empty:
        raise PressureError("Expected a series with at least one month, found an empty one: choose another family.")
    missing = pd.period_range(known.index[0], known.index[-1], freq="M").difference(known.index)
    if len(missing) and not gaps:
        raise PressureError(
            f"Expected every month from {known.index[0]} to {known.index[-1]}, found none for "
            f"{', '.join(map(str, missing[:6]))}: pass gaps=True to leave them missing, or shorten the series."
        )


def _stretches(known: pd.Series, days: list[pd.Timestamp]) -> np.ndarray:
    """Number of the stretch that each month belongs to."""
    middle = _middle(known.index)
    outside = [f"{day:%Y-%m-%d}" for day in days if not middle[0] < day <= middle[-1]]
    if outside:
        raise PressureError(
            f"Expected every break inside the series from {known.index[0]} to {known.index[-1]}, found "
            f"{', '.join(outside)}: leave it out or take a longer series."
        )
    labels = np.searchsorted(pd.DatetimeIndex(days), middle, side="right") if days else np.zeros(len(known), dtype=int)
    for number, (one, other) in enumerate(pairwise(days), start=1):
        if number not in labels:
            raise PressureError(
                f"Expected a month between any two breaks, found none between {one:%Y-%m-%d} and {other:%Y-%m-%d}: "
                "leave one of them out."
            )
    return labels


def _design(labels: np.ndarray, places: np.ndarray) -> tuple[pd.DataFrame, dict[int, float]]:
    """A column for each stretch's mean, and one for its slope, centred, where it has the months for it."""
    columns, centres = {}, {}
    for number in range(labels.max() + 1):
        own = labels == number
        centres[number] = float(places[own].mean())
        columns[f"mean_{number}"] = own * 1.0
        if own.sum() >= SLOPE_MONTHS:
            columns[f"slope_{number}"] = np.where(own, places - centres[number], 0.0)
    return pd.DataFrame(columns), centres


def _describe(known: pd.Series, labels: np.ndarray, solved: _Solved) -> pd.DataFrame:
    rows = []
    for number in range(labels.max() + 1):
        months = known.index[labels == number]
        mean, slope = solved.of_sum({f"mean_{number}": 1.0}), solved.of_sum({f"slope_{number}": 1.0})
        rows.append((months[0], months[-1], len(months), *mean, *slope))
    names = ["first", "last", "months", "mean", "lower", "upper", "slope", "slope_lower", "slope_upper"]
    return pd.DataFrame(rows, columns=names)


def _compare(days, known: pd.Series, centres: dict[int, float], solved: _Solved) -> pd.DataFrame:
    rows = []
    for number, day in enumerate(days):
        means = {f"mean_{number}": -1.0, f"mean_{number + 1}": 1.0}
        first = known.index[_middle(known.index) >= day][0]
        place = first.year * 12 + first.month - 0.5
        trends = {f"slope_{number}": centres[number] - place, f"slope_{number + 1}": place - centres[number + 1]}
        before, after = (solved.of_sum({f"mean_{one}": 1.0})[0] for one in (number, number + 1))
        rows.append((before, after, *solved.of_sum(means), *solved.of_sum({**means, **trends})))
    names = ["before", "after", "change", "lower", "upper", "jump", "jump_lower", "jump_upper"]
    return pd.DataFrame(rows, columns=names, index=pd.DatetimeIndex(days, name="day"))
