"""What a change of the price does to a state's monthly revenue, and how well that is known.

Revenue of a month is regressed on the price of the month before (a tax on last month's price is paid this month) and,
in named pay months, on the mean price of the three months before (a quarterly tax). Ordinary least squares with
errors that allow for unequal spread and for errors that follow each other (Newey and West 1987, doi 10.2307/1913610).
The coefficient and its interval are the result; `judge` says how the model does on months that it has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from attrition.models.pressure.faults import PressureError

LEAST_MONTHS = 24  # below two years a season cannot be told from a trend
QUARTER = 3  # months whose mean price a quarterly tax is paid on
LEVEL = 0.9
SEASONS = ("quarterly share", "pay months", "months", "none")


@dataclass(frozen=True)
class Effect:
    """An estimated coefficient: `value`, `lower`, `upper` at `level`, `error` (its standard error), `freedom`."""

    value: float
    lower: float
    upper: float
    level: float
    error: float
    freedom: int

    def draw(self, draws: int, seed: int) -> np.ndarray:
        """Draw from the coefficient's distribution (Student's t around the estimate)."""
        return self.value + self.error * np.random.default_rng(seed).standard_t(self.freedom, draws)


@dataclass(frozen=True)
class RevenueFit:
    """What the regression found.

    Attributes
    ----------
    lasting : Effect
        Mean change of a month's revenue over a year for one more unit of price that stays.
    monthly, quarterly : Effect
        Part that follows the price of the month before; part paid in each pay month on the quarter's mean price
        (None where the seasons are levels).
    fitted, residuals : Series
        By month (period), in the unit of revenue.
    months, lag, seasons
        Months used, lag of the errors (`hac_lag`), and how seasons were taken.
    left_out : tuple of str
        Months inside the window that were not used.
    """

    lasting: Effect
    monthly: Effect
    quarterly: Effect | None
    fitted: pd.Series
    residuals: pd.Series
    months: int
    lag: int
    seasons: str
    left_out: tuple[str, ...]


def hac_lag(months: int) -> int:
    """Number of lags of the errors, by the rule floor(4 (n / 100)^(2/9)) (Newey and West 1994, doi 10.2307/2297912).

    >>> hac_lag(59), hac_lag(100), hac_lag(8)
    (3, 4, 2)
    """
    return int(4 * (months / 100) ** (2 / 9))


def fit(
    revenue: pd.Series,
    price: pd.Series,
    *,
    pay_months: Sequence[int],
    seasons: str = "quarterly share",
    left_out: Sequence = (),
    level: float = LEVEL,
) -> RevenueFit:
    """Regress monthly revenue on the price of the month before.

    Parameters
    ----------
    revenue, price : Series
        By month (days or periods), one number a month, any units. The price must reach three months further back
        than the revenue that is used; revenue before that is not used.
    pay_months : sequence of int
        Months of the year, 1 to 12, in which the quarterly tax is paid.
    seasons : str
        "quarterly share": in pay months a share of the quarter's mean price; "pay months": a level for each pay
        month; "months": a level for each month of the year; "none".
    left_out : sequence
        Months whose revenue is not used although they lie inside the window, because it or its price is not known.
        They keep their place in time.
    level : float
        Level of the intervals.

    Raises
    ------
    PressureError
        For months that are missing without being left out, a month given twice, fewer than 24 months, regressors
        that repeat each other, or an unknown word for the seasons.

    Examples
    --------
    >>> months = pd.period_range("2020-01", periods=60, freq="M")
    >>> price = pd.Series(50 + 10 * np.sin(np.arange(60)), months)
    >>> found = fit(20 + 3 * price.shift(1), price, pay_months=[], seasons="none")
    >>> round(found.lasting.value, 6), found.months, found.lag
    (3.0, 57, 3)
    """
    outcome, given = window(revenue, price, left_out, pay_months)
    matrix = regressors(given, outcome.index, pay_months=pay_months, seasons=seasons)
    aside = pd.Index([month for month in outcome.index if month in periods(left_out)])
    used = len(outcome) - len(aside)
    check_rank(matrix.drop(index=aside), used)
    gaps = pd.DataFrame({str(month): (outcome.index == month) * 1.0 for month in aside}, index=outcome.index)
    full = pd.concat([matrix, gaps], axis=1)
    full.loc[aside, list(matrix)] = 0.0
    lag = hac_lag(used)
    model = least_squares(outcome.mask(outcome.index.isin(aside), 0.0), full, lag)
    weights = _weights(full, pay_months)
    fitted = model.fittedvalues.drop(index=aside)
    return RevenueFit(
        lasting=effect(model, weights, level),
        monthly=effect(model, {"price": 1.0}, level),
        quarterly=effect(model, {"quarter": 1.0}, level) if "quarter" in full else None,
        fitted=fitted,
        residuals=outcome.drop(index=aside) - fitted,
        months=used,
        lag=lag,
        seasons=seasons,
        left_out=tuple(str(month) for month in aside),
    )


def touched(months, pay_months: Sequence[int]) -> list[pd.Period]:
    """Months of revenue that a price or rate of some months goes into: the next, and pay months within a quarter.

    Examples
    --------
    >>> [str(month) for month in touched(pd.PeriodIndex(["2030-01", "2030-05"], freq="M"), [3, 4])]
    ['2030-02', '2030-06', '2030-03', '2030-04']
    """
    later = [month + step for month in months for step in range(2, QUARTER + 1)]
    return [month + 1 for month in months] + [month for month in later if month.month in pay_months]


def regressors(price: pd.Series, months: pd.PeriodIndex, *, pay_months: Sequence[int], seasons: str) -> pd.DataFrame:
    """Lay out what each month's revenue is explained by.

    Returns
    -------
    DataFrame
        By month: `constant`, `price` (of the month before), and for the seasons `quarter` (in pay months the mean
        price of the three months before, else 0) or a column for each month of the year that has a level.

    Raises
    ------
    PressureError
        If `seasons` is none of the known words.
    """
    if seasons not in SEASONS:
        raise PressureError(f"Expected seasons as one of {', '.join(SEASONS)}, found '{seasons}': choose one of them.")
    steps = pd.concat([_back(price, months, step) for step in range(1, QUARTER + 1)], axis=1)
    frame = pd.DataFrame({"constant": 1.0, "price": steps.iloc[:, 0]}, index=months)
    pays = months.month.isin(list(pay_months))
    if seasons == "quarterly share":
        frame["quarter"] = steps.mean(axis=1, skipna=False).where(pays, 0.0)
    levels = {"pay months": list(pay_months), "months": range(2, 13)}.get(seasons, ())
    return frame.assign(**{f"month_{number}": (months.month == number) * 1.0 for number in levels})


def monthly(series: pd.Series, what: str) -> pd.Series:
    """Put a series on months (periods), in order.

    Raises
    ------
    PressureError
        If a month is given twice: two sources or two vintages were mixed.
    """
    index = series.index if isinstance(series.index, pd.PeriodIndex) else pd.DatetimeIndex(series.index).to_period("M")
    found = pd.Series(series.to_numpy(dtype=float), index=index).sort_index()
    if found.index.has_duplicates:
        twice = found.index[found.index.duplicated()][0]
        raise PressureError(
            f"Expected one number a month of {what}, found {twice} more than once: take one family, one source."
        )
    return found


def window(revenue: pd.Series, price: pd.Series, left_out, pay_months) -> tuple[pd.Series, pd.Series]:
    """Find the months of a regression: from the first with prices before it to the last revenue.

    Returns
    -------
    Series, Series
        Revenue of these months (missing only where left out), and the price, both by month.

    Raises
    ------
    PressureError
        If a month that is not left out lacks its revenue or one of the prices before it.
    """
    outcome, given = monthly(revenue, "revenue").dropna(), monthly(price, "price").dropna()
    if outcome.empty or given.empty:
        raise PressureError(
            f"Expected at least {LEAST_MONTHS} months of revenue and price, found none: raise the cutoff."
        )
    first = max(outcome.index[0], given.index[0] + QUARTER)
    months = pd.period_range(first, max(first, outcome.index[-1]), freq="M")
    needed = {month: [month - 1] + [month - step for step in (2, 3) if month.month in pay_months] for month in months}
    aside = periods(left_out)
    gaps = [
        str(month)
        for month, before in needed.items()
        if month not in aside and (month not in outcome.index or any(one not in given.index for one in before))
    ]
    if gaps:
        raise PressureError(
            f"Expected revenue and price of every month from {months[0]} to {months[-1]}, found none for "
            f"{', '.join(gaps[:6])}: name these months in left_out or shorten the window."
        )
    return outcome.reindex(months), given


def periods(months) -> set[pd.Period]:
    """Read months from periods, dates or ISO texts."""
    return {month if isinstance(month, pd.Period) else pd.Timestamp(month).to_period("M") for month in months}


def _back(price: pd.Series, months: pd.PeriodIndex, step: int) -> pd.Series:
    return pd.Series(price.reindex(months - step).to_numpy(), index=months)


def check_rank(matrix: pd.DataFrame, used: int) -> None:
    """Raise `PressureError` for too few months, or for regressors that repeat each other."""
    if used < LEAST_MONTHS:
        raise PressureError(
            f"Expected at least {LEAST_MONTHS} months in the regression, found {used}: widen the window."
        )
    columns = matrix.fillna(0.0) / matrix.abs().max().replace(0.0, 1.0)
    rank = int(np.linalg.matrix_rank(columns))
    if rank < matrix.shape[1]:
        raise PressureError(
            f"Expected regressors that differ, found a singular regression (rank {rank} of {matrix.shape[1]}: "
            f"{', '.join(matrix)}) over {used} months: give a price that varies, or fewer seasons."
        )


def least_squares(outcome: pd.Series, matrix: pd.DataFrame, lag: int):
    """Fit ordinary least squares with Newey-West errors of a given lag, corrected for small samples."""
    model = sm.OLS(outcome, matrix.fillna(0.0))
    return model.fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True}, use_t=True)


def _weights(matrix: pd.DataFrame, pay_months) -> dict[str, float]:
    """Mean over a year of what one more unit of price does in a month."""
    return {"price": 1.0, "quarter": len(set(pay_months)) / 12} if "quarter" in matrix else {"price": 1.0}


def effect(model, weights: Mapping[str, float], level: float) -> Effect:
    """Take a weighted sum of a fitted model's coefficients, with its interval; names not given weigh nothing."""
    row = np.array([weights.get(name, 0.0) for name in model.model.exog_names])
    value = float(row @ model.params.to_numpy())
    error = float(np.sqrt(row @ model.cov_params().to_numpy() @ row))
    freedom = int(model.df_resid)
    reach = float(stats.t.ppf((1 + level) / 2, freedom)) * error
    return Effect(value, value - reach, value + reach, level, error, freedom)
