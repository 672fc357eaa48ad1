"""Published figures as draws: recruits between families of totals, ranges, sizes of the force.

Whose figures they are is the caller's: rows and names of measures come in. All draws come from one generator, in the
order of the calls, so that two chapters that make the same calls with the same seed have the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attrition.models import recruitment
from attrition.models.balance.envelope import BalanceError

TODAY_MONTHS = 6  # whose mean counts as today's rate


@dataclass(frozen=True, eq=False)
class Joined:
    """Recruits as drawn between families of totals that disagree.

    Attributes
    ----------
    persons : array (draws, months)
    flows : dict of DataFrame
        By family: draws by first day of the month, as far as its totals go.
    least_share : float
        Lower end of the factor that was drawn on the first family.
    """

    persons: np.ndarray
    flows: dict[str, pd.DataFrame]
    least_share: float


def latest(rows: pd.DataFrame, measure: str, column: str = "central", otherwise: float = 0.0) -> float:
    """Last published number of a measure.

    Examples
    --------
    >>> rows = pd.DataFrame({"measure": ["taken", "taken"], "as_of": [2, 1], "low": [30.0, 20.0]})
    >>> latest(rows, "taken", "low"), latest(rows, "lost", "low")
    (30.0, 0.0)
    """
    chosen = rows.loc[rows["measure"] == measure].dropna(subset=[column]).sort_values("as_of", kind="stable")
    return float(chosen[column].iloc[-1]) if len(chosen) else otherwise


def spread_of(low: float, central: float, high: float, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draws of a range read as 5 %, 50 % and 95 % quantiles of a two-piece normal, cut at nought.

    Raises
    ------
    BalanceError
        If the three are not in order.

    Examples
    --------
    >>> drawn = spread_of(0.0, 10.0, 40.0, 4000, np.random.default_rng(0))
    >>> bool(drawn.min() == 0.0), abs(float(np.quantile(drawn, 0.95)) - 40) < 3
    (True, True)
    """
    if not low <= central <= high:
        raise BalanceError(f"Expected low, central and high in order, found {low!r}, {central!r}, {high!r}: sort them.")
    score = rng.standard_normal(draws) / 1.645
    return np.maximum(central + np.where(score < 0, central - low, high - central) * score, 0.0)


def recruits(
    totals: pd.DataFrame,
    families: Mapping[str, Sequence[str]],
    ends: pd.DatetimeIndex,
    draws: int,
    rng: np.random.Generator,
    *,
    seed: int,
    stretch_months: int = 6,
) -> Joined:
    """Draw recruits by month anywhere between two families of totals.

    Parameters
    ----------
    totals : DataFrame
        Cited totals as `recruitment.disaggregate` takes them, rates turned into totals.
    families : mapping
        Measures of each family; the first is the upper one, the last the lower one. A family of which no row is known
        is left out.
    ends : DatetimeIndex
        Last day of each month of the accounts.
    draws, rng
        Rows wanted, and where they come from.
    seed : int
        Start of the draws of each flow.
    stretch_months : int
        How long one draw of the factor holds.

    Raises
    ------
    BalanceError
        If no row of any family is known.

    Notes
    -----
    The factor on the upper family is uniform between the ratio of both, over the months that both know, and one.
    Months beyond the last total go on at the mean of the last `TODAY_MONTHS`.
    """
    known = {name: list(kinds) for name, kinds in families.items() if totals["measure"].isin(kinds).any()}
    if not known:
        raise BalanceError(
            f"Expected a total of one of {', '.join(families) or 'no family'}, found none: name other measures."
        )
    flows = {name: recruitment.disaggregate(totals, kinds, seed=seed).paths for name, kinds in known.items()}
    upper, lower = next(iter(flows.values())), list(flows.values())[-1]
    both = upper.columns.intersection(lower.columns)
    least = min(1.0, lower[both].sum(axis=1).median() / upper[both].sum(axis=1).median()) if len(both) else 1.0
    months = continued(upper, ends).to_numpy()
    factor = _factor(least, draws, len(ends), stretch_months, rng)
    return Joined(months[rng.integers(len(months), size=draws)] * factor, flows, float(least))


def _factor(least: float, draws: int, months: int, stretch_months: int, rng) -> np.ndarray:
    at = np.arange(months) // stretch_months
    return rng.uniform(least, 1.0, (draws, at[-1] + 1))[:, at]


def continued(flow: pd.DataFrame, ends: pd.DatetimeIndex) -> pd.DataFrame:
    """Draws of a flow by month, at the months wanted; where none is known, the mean of its last months.

    Parameters
    ----------
    flow : DataFrame
        Draws by first day of the month.
    ends : DatetimeIndex
        Last days of the months wanted.

    Examples
    --------
    >>> flow = pd.DataFrame([[4.0, 6.0]], columns=pd.to_datetime(["2030-01-01", "2030-02-01"]))
    >>> continued(flow, pd.date_range("2030-02-28", periods=2, freq="ME")).to_numpy().tolist()
    [[6.0, 5.0]]
    """
    known = flow.set_axis(flow.columns + pd.offsets.MonthEnd(0), axis=1)
    later = known.iloc[:, -TODAY_MONTHS:].mean(axis=1)
    return pd.DataFrame({day: known.get(day, later) for day in ends})


def published_forces(rows: pd.DataFrame, ends: pd.DatetimeIndex) -> pd.DataFrame:
    """Force sizes within the months of the accounts, floors and ceilings at their number.

    Parameters
    ----------
    rows : DataFrame
        Cited force sizes of one kind: `as_of, source, low, central, high`.
    ends : DatetimeIndex
        Last day of each month of the accounts.

    Returns
    -------
    DataFrame
        The rows, with `speaker, day, value` as `close` takes them.
    """
    value = rows["central"].fillna(rows["low"]).fillna(rows["high"])
    told = rows.assign(day=rows["as_of"], speaker=rows["source"], value=value)
    return told[(told["day"] >= ends[0] - pd.offsets.MonthEnd(1)) & (told["day"] <= ends[-1])]
