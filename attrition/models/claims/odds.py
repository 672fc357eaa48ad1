"""Probabilities from ranges: one reading of low, central and high for every test."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from attrition.models.claims.basis import Claim, ClaimError

NEAR = 1.25  # a claimed number or range is right if the truth lies within a quarter of it, as a ratio
EXACT = 1.1  # a published number without ends holds within a tenth, nine times in ten
LEVEL = 0.9
DRAWS = 4001
DECISIVE = 0.05


def aim(claim: Claim) -> tuple[float, float]:
    """Ends between which a claim is right: a quarter beyond its number or range, an open end as it stands.

    >>> aim(Claim("a", "b", pd.Timestamp("2030-01-01"), 100.0, 100.0))
    (80.0, 125.0)
    >>> aim(Claim("a", "b", pd.Timestamp("2030-01-01"), 100.0, 200.0))
    (80.0, 250.0)
    >>> aim(Claim("a", "b", pd.Timestamp("2030-01-01"), 100.0, None))
    (100.0, inf)
    """
    low, high = claim.low, claim.high
    if low is None and high is None:
        raise ClaimError(f"Expected a number in claim '{claim.id}', found none: choose a test that needs none.")
    if low is not None and high is not None:
        return low / NEAR, high * NEAR
    return (-math.inf if low is None else low), (math.inf if high is None else high)


def draws(low, central, high, *, seed: int = 0, level: float = LEVEL) -> np.ndarray:
    """Draw from a range read as a two-piece log-normal: median at the centre, its ends at the quantiles of `level`.

    A missing centre is the geometric mean of the ends; missing ends lie a tenth away. Scores are evenly spaced
    quantiles in an order set by `seed`, so that equal ranges give equal draws.
    """
    if central is None:
        central = math.sqrt(low * high)
    low, high = (central / EXACT, central * EXACT) if low is None or high is None else (low, high)
    scores = stats.norm.ppf((np.arange(DRAWS) + 0.5) / DRAWS)
    scores = np.random.default_rng(seed).permutation(scores)
    reach = stats.norm.ppf((1 + level) / 2)
    spread = np.where(scores < 0, math.log(central / low), math.log(high / central)) / reach
    return central * np.exp(spread * scores)


def of_total(total, *, seed: int = 0) -> np.ndarray:
    """Draw from an estimate with `value, lower, upper, level`."""
    return draws(total.lower, total.value, total.upper, seed=seed, level=total.level)


def inside(values: np.ndarray, ends: tuple[float, float]) -> float:
    """Share of draws between two ends, both included."""
    return float(np.mean((values >= ends[0]) & (values <= ends[1])))


def of_figure(row, factor: float = 1.0) -> tuple[np.ndarray | None, float | None, float | None]:
    """Read a cited figure: draws, or a floor, or a ceiling; `factor` scales it."""
    low, central, high = (None if pd.isna(row[name]) else row[name] * factor for name in ("low", "central", "high"))
    if central is not None or (low is not None and high is not None):
        return draws(low, central, high), None, None
    return None, low, high


def pool(figures: pd.DataFrame, factors, ends: tuple[float, float]) -> tuple[float | None, pd.DataFrame]:
    """Join what published figures say about a claim: equal weight to every family, and within it to every figure.

    Parameters
    ----------
    figures : DataFrame
        With `low, central, high, family`.
    factors : sequence of float
        What each is multiplied with, such as the share of a month in its period.
    ends : (float, float)
        Where the claim is right.

    Returns
    -------
    (float or None, DataFrame)
        The probability, None where no figure decides, and the figures that did, with `probability` and `value`. A
        floor or a ceiling counts only where it decides: a floor above the claim refutes it, one at its lower end with
        no upper one bears it out, and so with ceilings.
    """
    rows = figures.assign(
        probability=[_says(row, factor, ends) for (_, row), factor in zip(figures.iterrows(), factors, strict=True)],
        value=[_middle(row) * factor for (_, row), factor in zip(figures.iterrows(), factors, strict=True)],
    )
    rows = rows.dropna(subset="probability")
    if rows.empty:
        return None, rows
    return by_families(rows), rows


def by_families(rows: pd.DataFrame) -> float:
    """Join probabilities: the mean within each family, then over families and one that is not heard, at even odds.

    The last keeps a few figures from making a claim certain: one family that denies it leaves one chance in four, three
    leave one in eight. The idea is Laplace's rule of succession with half of its weight.

    >>> by_families(pd.DataFrame({"family": ["a", "a", "b"], "probability": [0.0, 0.5, 0.25]}))
    0.3333333333333333
    """
    means = rows.groupby("family")["probability"].mean()
    return float((means.sum() + 0.5) / (len(means) + 1))


def _says(row, factor: float, ends: tuple[float, float]) -> float:
    found, floor, ceiling = of_figure(row, factor)
    if found is not None:
        return inside(found, ends)
    if floor is not None:
        return 0.0 if floor > ends[1] else 1.0 if floor >= ends[0] and math.isinf(ends[1]) else math.nan
    return 0.0 if ceiling < ends[0] else 1.0 if ceiling <= ends[1] and ends[0] <= 0 else math.nan


def _middle(row) -> float:
    if not pd.isna(row["central"]):
        return row["central"]
    ends = [row[name] for name in ("low", "high") if not pd.isna(row[name])]
    return math.sqrt(ends[0] * ends[-1]) if min(ends) > 0 else ends[0]
