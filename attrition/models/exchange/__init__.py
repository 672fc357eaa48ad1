"""How many of one side are lost for one of the other, with the doubt that both sides' figures leave.

A figure comes as a range: low, central, high. Here it becomes a distribution, two of them a ratio, and a ratio is
set against the men that each side has. `monthly`, `per_area` and `over_all` (from `ground`) can be reached from here;
figures of both sides are put together by `matching`. Nothing here chooses which figures to believe, and figures that
count different things are refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from attrition import definitions
from attrition.definitions import DefinitionError, Figure, Range
from attrition.models.exchange.ground import ExchangeError, monthly, over_all, per_area

__all__ = [
    "ExchangeError",
    "Ratio",
    "monthly",
    "over_all",
    "per_area",
    "probability_reached",
    "ratio",
    "required_for_parity",
]
LEVEL = 0.9


@dataclass(frozen=True)
class Ratio:
    """A ratio with its doubt.

    Attributes
    ----------
    median, lower, upper, level
        Middle and central interval of the distribution of the ratio; `level` is the share it holds.
    above_one
        Probability, from 0 to 1, that the ratio is above one.
    """

    median: float
    lower: float
    upper: float
    level: float
    above_one: float


def ratio(a, b, correlation: float = 0.0, draws: int = 100_000, seed: int = 0, *, level: float = LEVEL) -> Ratio:
    """Divide two uncertain totals, each given by a range, and keep the doubt of both.

    Parameters
    ----------
    a, b : Figure, Range or (low, central, high)
        Totals above zero that count the same thing. `central` may be None; without low and high the central number
        is taken as exact. Two figures must be comparable (`definitions.comparable`).
    correlation : float
        Correlation, inside (-1, 1), of the normal scores of both totals: positive where one cause would make both
        too high or too low together.
    draws, seed : int
        Number of random draws, and where they start.
    level : float
        Share of its distribution that lies between a range's low and high, and the level of the result.

    Returns
    -------
    Ratio

    Raises
    ------
    ExchangeError
        For a range that runs backwards, misses its central number, is not above zero or has one end only, and for a
        correlation, level or number of draws out of range.
    DefinitionError
        For figures that count different things, or a figure and a bare range.

    Notes
    -----
    A total X is log-normal with the median `central` (by default the geometric mean of the ends): ln X = ln central +
    s·Z with Z standard normal and s chosen so that low and high are the quantiles (1 ± level) / 2. Where the ends lie
    unequally far from the centre, s is one number below it and another above (a two-piece log-normal), which keeps
    all three numbers. With equal pieces the ratio is log-normal in closed form,
    ln(A/B) ~ N(ln a - ln b, s² + t² - 2·correlation·s·t), and the tests compare.

    Examples
    --------
    >>> found = ratio((50, 100, 200), (40, 50, 62.5), seed=1)
    >>> round(found.median, 1), round(found.lower, 1), round(found.upper, 1), found.level
    (2.0, 1.0, 4.1, 0.9)
    """
    _check_alike(a, b)
    first, second = _scores(correlation, draws, seed)
    return _summarise(_totals(a, first, level) / _totals(b, second, level), level)


def required_for_parity(
    men_a, men_b, correlation: float = 0.0, draws: int = 100_000, seed: int = 0, *, level: float = LEVEL
) -> Ratio:
    """Say how many of side A would have to be lost for one of side B until both lose the same share of their men.

    Takes what `ratio` takes, for the men of each side; losses in the proportion of the men leave both with the same
    share of them, so the ratio required is that of the men. Whether a share of losses weighs the same on both sides
    is not asked here.

    Examples
    --------
    >>> required_for_parity((None, 40, None), (None, 10, None), draws=10).median
    4.0
    """
    return ratio(men_a, men_b, correlation, draws, seed, level=level)


def probability_reached(
    losses, men, correlation: float = 0.0, draws: int = 100_000, seed: int = 0, *, level: float = LEVEL
) -> float:
    """Probability that the ratio of losses reaches the ratio required for parity.

    Parameters
    ----------
    losses, men : pair of ranges
        For side A and side B, as `ratio` takes them. `correlation` ties the two totals of losses; the men are taken
        as independent of each other and of the losses.

    Examples
    --------
    >>> probability_reached(((None, 3, None), (None, 1, None)), ((None, 4, None), (None, 1, None)), draws=10)
    0.0
    """
    _check_alike(*losses)
    _check_alike(*men)
    lost = [_totals(one, z, level) for one, z in zip(losses, _scores(correlation, draws, seed), strict=True)]
    have = [_totals(one, z, level) for one, z in zip(men, _scores(0.0, draws, seed + 1), strict=True)]
    return float(np.mean(lost[0] / lost[1] >= have[0] / have[1]))


def _check_alike(a, b) -> None:
    figures = isinstance(a, Figure), isinstance(b, Figure)
    if all(figures):
        definitions.ratio(a, b)
    elif any(figures):
        known = a if figures[0] else b
        raise DefinitionError(f"Cannot divide {known} and a bare range: give both their definitions, or neither.")


def _scores(correlation: float, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two standard normal scores for every draw, with the correlation asked."""
    if not -1 < correlation < 1:
        raise ExchangeError(f"Expected a correlation between -1 and 1, both excluded, found {correlation!r}: set one.")
    if not isinstance(draws, (int, np.integer)) or draws < 1:
        raise ExchangeError(f"Expected at least one draw, found {draws!r}: give a whole number from 1 on.")
    first, other = np.random.default_rng(seed).standard_normal((2, draws))
    return first, correlation * first + math.sqrt(1 - correlation**2) * other


def _totals(given, scores: np.ndarray, level: float) -> np.ndarray:
    """Turn scores into totals of a range: median at its centre, its ends at their quantiles."""
    if not 0 < level < 1:
        raise ExchangeError(f"Expected a level between 0 and 1, both excluded, found {level!r}: give a share.")
    low, central, high = _ends(given.range if isinstance(given, Figure) else Range(*given))
    reach = stats.norm.ppf((1 + level) / 2)
    spread = np.where(scores < 0, math.log(central / low), math.log(high / central)) / reach
    return central * np.exp(spread * scores)


def _ends(numbers: Range) -> tuple[float, float, float]:
    """Check a range and complete it: the geometric mean for a missing centre, the centre for missing ends."""
    low, central, high = numbers
    for name, number in zip(("low", "central", "high"), numbers, strict=True):
        if number is not None and not (math.isfinite(number) and number > 0):
            raise ExchangeError(f"Expected numbers above zero, found {name} {number:g}: a ratio needs positive totals.")
    if (low is None) != (high is None) or (low is None and central is None):
        raise ExchangeError(
            f"Expected both ends of a range or a centre alone, found {_told(numbers)}: a floor is no range."
        )
    if low is None:
        return central, central, central
    if low > high:
        raise ExchangeError(f"Expected a range that runs upwards, found low {low:g} above high {high:g}: swap them.")
    if central is None:
        return low, min(max(math.sqrt(low) * math.sqrt(high), low), high), high
    if not low <= central <= high:
        raise ExchangeError(f"Expected the centre inside its range, found {_told(numbers)}: correct one of the three.")
    return low, central, high


def _told(numbers: Range) -> str:
    words = (f"{name} {'not given' if end is None else f'{end:g}'}" for name, end in numbers._asdict().items())
    return ", ".join(words)


def _summarise(found: np.ndarray, level: float) -> Ratio:
    lower, median, upper = np.quantile(found, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Ratio(float(median), float(lower), float(upper), level, float(np.mean(found > 1)))
