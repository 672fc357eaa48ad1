"""How recruits answer to the price, what one more of them costs, and at which price enough would come.

The interval of the elasticity is honest about few groups: errors may be dependent inside a group in any way, the
variance is corrected for its bias (CR2), and the degrees of freedom are those that the data leave (Bell & McCaffrey
2002; Imbens & Kolesar 2016, doi 10.1162/REST_a_00552; Pustejovsky & Tipton 2018, doi 10.1080/07350015.2016.1247004).
What a price is answered by is not what it causes: a price is raised when recruits are missing, and that pulls the
estimate down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from attrition.models.recruitment.bonuses import by_month
from attrition.models.recruitment.totals import RecruitmentError

NEEDED = ["group", "period", "recruits", "bonus", "wage"]
LEAST_ROWS = 5
ROUNDS, CLOSE = 500, 1e-10


@dataclass(frozen=True)
class Elasticity:
    """Percent more recruits for one percent more bonus against the wage.

    Attributes
    ----------
    value, lower, upper, level
        Estimate and its interval.
    rows, groups : int
        Observations and groups behind it.
    freedom : float
        Degrees of freedom of the interval; below about four it is hardly more than a guess.
    """

    value: float
    lower: float
    upper: float
    level: float
    rows: int
    groups: int
    freedom: float


def elasticity(
    panel: pd.DataFrame, *, lag: int = 0, level: float = 0.9, periods: bool = True, clusters: str = "group"
) -> Elasticity:
    """Regress log recruits on log(bonus / wage), `lag` periods before.

    Parameters
    ----------
    panel : DataFrame
        `group, period` (any sortable), `recruits, bonus, wage` (all above zero), one row for each group and period.
    lag : int
        Periods by which recruits follow the price.
    periods : bool
        Whether what all groups share in a period is taken out; a single group has nothing to share.
    clusters : str
        Column within whose values errors may depend on one another; "row" takes every row as independent, which a
        single group needs and which makes its interval too narrow where errors last.

    Raises
    ------
    RecruitmentError
        For missing columns, values that are not above zero, fewer than five rows, or a price that never differs.

    Notes
    -----
    Means of groups (and of periods) are taken out of both sides; what is left gives the slope and the scores of each
    cluster. With one slope the CR2 correction and the degrees of freedom have a closed form: a cluster that carries the
    share h of the variation has its score divided by sqrt(1 - h).

    Examples
    --------
    >>> price = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    >>> rows = {"group": "a", "period": range(6), "recruits": [x**0.5 for x in price], "bonus": price, "wage": 1.0}
    >>> found = elasticity(pd.DataFrame(rows), periods=False, clusters="row")
    >>> round(found.value, 3), found.rows
    (0.5, 6)
    """
    rows = _rows(panel, lag)
    price, people = np.log(rows["bonus"] / rows["wage"]).to_numpy(), np.log(rows["recruits"]).to_numpy()
    codes = [pd.factorize(rows["group"])[0]] + ([pd.factorize(rows["period"])[0]] if periods else [])
    price, people = _demean(price, codes), _demean(people, codes)
    size = price @ price
    if size < 1e-12 * len(rows):
        raise RecruitmentError(
            "Expected prices that differ between periods or groups, found one price: give a panel in which it moves."
        )
    cluster = np.arange(len(rows)) if clusters == "row" else pd.factorize(rows[clusters])[0]
    slope = price @ people / size
    return _interval(slope, price, people - slope * price, cluster, level, rows["group"].nunique())


def quarters(recruits: pd.Series, bonus: pd.Series, wage: pd.Series, *, group: str = "all") -> pd.DataFrame:
    """Join monthly recruits and prices to a panel of whole quarters, as `elasticity` takes it.

    Parameters
    ----------
    recruits, bonus, wage : Series
        By first day of the month; quarters in which a month of any is missing are left out.

    Returns
    -------
    DataFrame
        `group, period, recruits` (sum), `bonus, wage` (means).

    Examples
    --------
    >>> months = pd.date_range("2030-01-01", periods=5, freq="MS")
    >>> quarters(*(pd.Series(2.0, months) for _ in range(3)))["recruits"].tolist()
    [6.0]
    """
    months = pd.DataFrame({"recruits": recruits, "bonus": bonus, "wage": wage}).dropna()
    whole = months.groupby(months.index.to_period("Q")).filter(lambda rows: len(rows) == 3)
    sums = whole.groupby(whole.index.to_period("Q")).agg({"recruits": "sum", "bonus": "mean", "wage": "mean"})
    return sums.rename_axis("period").reset_index().assign(group=group)


def answer_to_price(recruits: pd.Series, bonus: pd.Series, wage: pd.Series, *, level: float = 0.9) -> Elasticity | None:
    """Elasticity of one flow by whole quarters, from prices quoted on single days; None where quarters are too few.

    Parameters
    ----------
    recruits : Series
        By first day of the month; months after the last quotation of the bonus are left out.
    bonus, wage : Series
        By day of quotation.
    level : float

    Examples
    --------
    >>> months = pd.date_range("2030-01-01", periods=15, freq="MS")
    >>> price = pd.Series([2.0 ** (month // 3) for month in range(15)], months + pd.Timedelta(days=14))
    >>> flat = pd.Series([1.0, 1.0], price.index[[0, -1]])
    >>> round(answer_to_price(pd.Series(price.to_numpy() ** 0.5, months), price, flat).value, 2)
    0.5
    >>> answer_to_price(pd.Series(1.0, months), price.iloc[:0], flat) is None
    True
    """
    if bonus.dropna().empty or wage.dropna().empty:
        return None
    people = recruits.loc[: bonus.index.max()]
    if people.empty:
        return None
    rows = quarters(people, *(by_month(one, people.index) for one in (bonus, wage)))
    return elasticity(rows, periods=False, clusters="row", level=level) if len(rows) >= LEAST_ROWS else None


def marginal_cost(bonus, elasticity):
    """What one more recruit costs if all are paid the higher bonus: B (1 + 1 / elasticity).

    Parameters
    ----------
    bonus : float or array
        Bonus paid to all, in money.
    elasticity : float or array
        Above zero. The less recruits answer, the more is paid to those who would have come anyway.

    Raises
    ------
    RecruitmentError
        For an elasticity that is not above zero, or a bonus below it.

    Examples
    --------
    >>> marginal_cost(2_000_000, 0.5)
    6000000.0
    """
    _check_above_zero("an elasticity", elasticity)
    _check_above_zero("a bonus", bonus)
    found = np.asarray(bonus, dtype=float) * (1 + 1 / np.asarray(elasticity, dtype=float))
    return float(found) if found.ndim == 0 else found


def break_even_bonus(bonus, recruits, needed, elasticity):
    """Bonus at which as many come as are needed, if recruits answer with one elasticity all the way.

    Parameters
    ----------
    bonus, recruits : float or array
        Bonus now, and recruits at it.
    needed : float or array
        Recruits that are needed, in the same period.

    Examples
    --------
    >>> break_even_bonus(1_000_000, 30_000, 36_000, 0.5)
    1440000.0
    """
    _check_above_zero("an elasticity", elasticity)
    for name, one in (("a bonus", bonus), ("recruits", recruits), ("a need", needed)):
        _check_above_zero(name, one)
    ratio = np.asarray(needed, dtype=float) / np.asarray(recruits, dtype=float)
    found = np.asarray(bonus, dtype=float) * ratio ** (1 / np.asarray(elasticity, dtype=float))
    return float(round(found, 6)) if found.ndim == 0 else found


def bill(paths: pd.DataFrame, price: pd.Series, *, level: float = 0.9) -> pd.DataFrame:
    """What the recruits of each year are paid at signing, with the doubt about their number.

    Parameters
    ----------
    paths : DataFrame
        Draws of recruits by month (draws × months), as `Flow.paths`.
    price : Series
        Payment for one, by the same months; months without a price are left out.

    Returns
    -------
    DataFrame
        By year: `value` (median), `lower`, `upper`, `level` (money), `months` (with a price) and `price` (mean paid).

    Examples
    --------
    >>> months = pd.date_range("2030-01-01", periods=2, freq="MS")
    >>> float(bill(pd.DataFrame([[100.0, 100.0]], columns=months), pd.Series([2.0, 4.0], months)).loc[2030, "value"])
    600.0
    """
    priced = price.reindex(paths.columns).dropna()
    spent = (paths[priced.index] * priced).T.groupby(priced.index.year).sum()
    people = paths[priced.index].T.groupby(priced.index.year).sum()
    limits = spent.quantile([0.5, (1 - level) / 2, (1 + level) / 2], axis=1).T.set_axis(
        ["value", "lower", "upper"], axis=1
    )
    months = priced.groupby(priced.index.year).size()
    return limits.assign(level=level, months=months, price=(spent.sum(axis=1) / people.sum(axis=1))).rename_axis("year")


def _rows(panel: pd.DataFrame, lag: int) -> pd.DataFrame:
    for name in NEEDED:
        if name not in panel:
            raise RecruitmentError(f"Expected a panel with the columns {', '.join(NEEDED)}, found no {name!r}: add it.")
    for name in ("recruits", "bonus", "wage"):
        if (panel[name] <= 0).any():
            raise RecruitmentError(
                f"Expected {name} above zero in every row, found {panel[name].min():g}: leave such rows out."
            )
    rows = panel.sort_values(["group", "period"], kind="stable")
    rows = rows.assign(**{name: rows.groupby("group")[name].shift(lag) for name in ("bonus", "wage")})
    rows = rows.dropna(subset=NEEDED)
    if len(rows) < LEAST_ROWS:
        raise RecruitmentError(
            f"Expected at least {LEAST_ROWS} rows with recruits, bonus and wage, found {len(rows)}: give more of them."
        )
    return rows


def _demean(values: np.ndarray, codes: list[np.ndarray]) -> np.ndarray:
    """Take out the means of all groupings, in turns until nothing is left to take."""
    counts = [np.bincount(code) for code in codes]
    for _ in range(ROUNDS):
        before = values
        for code, count in zip(codes, counts, strict=True):
            values = values - (np.bincount(code, values) / count)[code]
        if len(codes) == 1 or np.abs(values - before).max() < CLOSE:
            break
    return values


def _interval(slope, price, errors, cluster, level, groups) -> Elasticity:
    """CR2 variance and Bell-McCaffrey degrees of freedom of one slope, in closed form."""
    size = price @ price
    share = np.bincount(cluster, price**2) / size
    keep = np.maximum(1 - share, 1e-12)
    scores = np.bincount(cluster, price * errors) / np.sqrt(keep)
    sd = math.sqrt(float(scores @ scores)) / size
    gram = -np.outer(share, share) / np.sqrt(np.outer(keep, keep))
    gram[np.diag_indices_from(gram)] = share
    freedom = float(np.trace(gram) ** 2 / (gram**2).sum())
    reach = stats.t.ppf((1 + level) / 2, freedom) * sd
    return Elasticity(float(slope), float(slope - reach), float(slope + reach), level, len(price), groups, freedom)


def _check_above_zero(name: str, given) -> None:
    least = float(np.min(given))
    if not least > 0:
        raise RecruitmentError(f"Expected {name} above zero, found {least:g}: the formula has no meaning there.")
