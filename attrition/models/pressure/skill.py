"""How the revenue regression does on months that it has not seen, beside plain rules.

At each month the regression is fitted to the months before it alone and predicts that month from the price of the
month before; the plain rules see the same. Errors are absolute, in the unit of revenue.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from attrition.models import scores
from attrition.models.pressure import revenue as regression
from attrition.models.pressure.faults import PressureError

YARDSTICK = "same month last year"
SCALED = "same month last year, scaled by the price"
LAST_YEAR = "mean of the last twelve months"


def roll(
    revenue: pd.Series,
    price: pd.Series,
    *,
    pay_months: Sequence[int],
    seasons: Sequence[str] = ("quarterly share",),
    first: int = regression.LEAST_MONTHS,
    left_out: Sequence = (),
    level: float = regression.LEVEL,
) -> pd.DataFrame:
    """Predict each month from the months before it, by the regressions and by plain rules.

    Parameters
    ----------
    revenue, price, pay_months, left_out, level
        As `fit` takes them.
    seasons : sequence of str
        Regressions to run, by how they take seasons.
    first : int
        Months that the first regression sees.

    Returns
    -------
    DataFrame
        One row for each month and `method`: `month` (period), `observed`, `predicted`, `lower`, `upper` (prediction
        interval of a regression, missing for plain rules).

    Raises
    ------
    PressureError
        As `fit`, and if no month is left to be predicted.
    """
    rows = []
    for name in seasons:
        rows += _regressed(revenue, price, name, first, {"pay_months": pay_months, "left_out": left_out}, level)
    if not rows:
        raise PressureError(
            f"Expected months beyond the first {first} to predict, found none: start with fewer or raise the cutoff."
        )
    months = sorted({row["month"] for row in rows})
    return pd.DataFrame(
        rows + _ruled(regression.monthly(revenue, "revenue"), regression.monthly(price, "price"), months)
    )


def judge(predictions: pd.DataFrame, *, yardstick: str = YARDSTICK, level: float = regression.LEVEL) -> pd.DataFrame:
    """Compare methods over the months that all of them predict.

    Returns
    -------
    DataFrame
        By method, best first: `months`, `error` (mean absolute error), `ratio` (to the yardstick's), `saved`, `lower`,
        `upper` (mean of how much closer than the yardstick it came, with an interval whose errors may follow each
        other; Diebold and Mariano 1995, doi 10.1080/07350015.1995.10524599), `coverage` of its prediction intervals.

    Raises
    ------
    PressureError
        If the yardstick is not among the methods.
    """
    table = predictions.pivot(index="month", columns="method", values="predicted").dropna()
    if yardstick not in table:
        raise PressureError(f"Expected '{yardstick}' among the methods, found {', '.join(table)}: name one of these.")
    observed = predictions.drop_duplicates("month").set_index("month")["observed"].reindex(table.index)
    errors = table.apply(lambda column: scores.wis(observed.to_numpy(), column.to_numpy(), {}))
    found = pd.DataFrame({"months": len(table), "error": errors.mean()})
    found["ratio"] = found["error"] / found.loc[yardstick, "error"]
    saved = {name: _mean(errors[yardstick] - errors[name], level) for name in table}
    found[["saved", "lower", "upper"]] = pd.DataFrame(saved, index=["saved", "lower", "upper"]).T
    found["coverage"] = [_covered(predictions, name, table.index) for name in found.index]
    return found.sort_values("error", kind="stable")


def _regressed(revenue, price, name, first, options, level) -> list[dict]:
    """One regression at every origin; a month left out is not predicted."""
    outcome, given = regression.window(revenue, price, options["left_out"], options["pay_months"])
    aside = regression.periods(options["left_out"])
    matrix = regression.regressors(given, outcome.index, pay_months=options["pay_months"], seasons=name)
    kept = [month for month in outcome.index if month not in aside]
    rows = []
    for at in range(first, len(kept)):
        before, month = matrix.loc[kept[:at]], kept[at]
        regression.check_rank(before, at)
        predicted, reach = _ahead(before, outcome.loc[kept[:at]], matrix.loc[month], level)
        ends = {"lower": predicted - reach, "upper": predicted + reach}
        rows.append({"month": month, "method": name, "observed": outcome[month], "predicted": predicted, **ends})
    return rows


def _ahead(before: pd.DataFrame, outcome: pd.Series, row: pd.Series, level: float) -> tuple[float, float]:
    """Prediction for a new month and how far its interval reaches, by the usual formula with even, unrelated errors."""
    matrix, new = before.to_numpy(), row.to_numpy()
    inverse = np.linalg.inv(matrix.T @ matrix)
    coefficients = inverse @ matrix.T @ outcome.to_numpy()
    freedom = len(matrix) - matrix.shape[1]
    spread = np.sum((outcome.to_numpy() - matrix @ coefficients) ** 2) / freedom
    reach = stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(spread * (1 + new @ inverse @ new))
    return float(new @ coefficients), float(reach)


def _ruled(outcome: pd.Series, price: pd.Series, months) -> list[dict]:
    """Plain rules for the same months; missing where what they need is missing."""
    rows = []
    for month in months:
        last_year = outcome.get(month - 12, np.nan)
        scale = price.get(month - 1, np.nan) / price.get(month - 13, np.nan)
        mean = outcome.reindex(pd.period_range(month - 12, month - 1, freq="M")).mean(skipna=False)
        guesses = {YARDSTICK: last_year, SCALED: last_year * scale, LAST_YEAR: mean}
        blank = {"month": month, "observed": outcome[month], "lower": np.nan, "upper": np.nan}
        rows += [{**blank, "method": name, "predicted": guess} for name, guess in guesses.items()]
    return rows


def _mean(differences: pd.Series, level: float) -> list[float]:
    """Mean of differences that may follow each other, with its interval; none of both for fewer than three."""
    mean = float(differences.mean())
    if len(differences) < 3:
        return [mean, np.nan, np.nan]
    model = regression.least_squares(
        differences, pd.DataFrame({"constant": 1.0}, index=differences.index), regression.hac_lag(len(differences))
    )
    found = regression.effect(model, {"constant": 1.0}, level)
    return [found.value, found.lower, found.upper]


def _covered(predictions: pd.DataFrame, name: str, months) -> float:
    own = predictions[(predictions["method"] == name) & predictions["month"].isin(months)].dropna()
    return float(np.mean(scores.coverage(own["observed"], own["lower"], own["upper"]))) if len(own) else np.nan
