"""A composite index of pressure as a cloud: every defensible way of building it at once, never one line.

An index of several pressures has no unit, and its course depends on how each pressure is put on a common scale, on the
weights, and on how they are joined. So all choices are made, crossed, and shown together with the question which of
them moves the result (OECD/JRC 2008, Handbook on Constructing Composite Indicators, doi 10.1787/9789264043466-en).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from attrition.models.pressure.counts import FamilyError
from attrition.models.pressure.faults import PressureError
from attrition.models.pressure.ranges import LEVEL, check_draws

LEAST_MONTHS = 3
NORMALISATIONS = ("min-max", "z-score", "rank")
AGGREGATIONS = ("arithmetic", "geometric")
LOWEST, HIGHEST = 1.0, 100.0  # ends of the common scale; above nought, so that a geometric mean exists
CHANGE_MONTHS = 12


@dataclass(frozen=True, eq=False)
class Cloud:
    """All variants of a composite index together.

    Attributes
    ----------
    quantiles : DataFrame
        By month: `lower`, `median`, `upper` over all variants, on a scale from 1 to 100.
    level : float
        Share of variants between the limits.
    choices : Series
        Share of the variants' differences, averaged over months, that each choice explains alone (`normalisation`,
        `weights`, `aggregation`), and what only arises from choices together (`together`).
    rising : float
        Share of variants in which the last month stands higher than twelve months (or as far back as there is) before.
    variants : array (normalisations, aggregations, weights, months)
    """

    quantiles: pd.DataFrame
    level: float
    choices: pd.Series
    rising: float
    variants: np.ndarray = field(repr=False)


def read_weights(text: str, names: Sequence[str]) -> dict[str, float]:
    """Read weights from text: "oil 0.4, tech 0.3, losses 0.3"; an empty text means equal weights.

    Raises
    ------
    PressureError
        For a name that is missing, unknown or said twice, a number that cannot be read, and as `check_weights`.

    Examples
    --------
    >>> read_weights("a 0.75, b 0.25", ["a", "b"]), read_weights("", ["a", "b"])
    ({'a': 0.75, 'b': 0.25}, {'a': 0.5, 'b': 0.5})
    """
    if not text.strip():
        return {name: 1 / len(names) for name in names}
    pairs = [part.split() for part in text.split(",")]
    if sorted(pair[0] for pair in pairs if len(pair) == 2) != sorted(names) or len(pairs) != len(names):
        raise PressureError(
            f"Expected one weight for each of {', '.join(names)}, found {text!r}: write '{names[0]} 0.5, ...'."
        )
    try:
        weights = {name: float(number) for name, number in pairs}
    except ValueError:
        raise PressureError(f"Expected weights as numbers, found {text!r}: write '{names[0]} 0.5, ...'.") from None
    return check_weights(weights)


def check_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """Return weights if they are above nought and add to one.

    Raises
    ------
    PressureError
        If they do not.
    """
    total = sum(weights.values())
    if not weights or min(weights.values()) <= 0 or abs(total - 1) > 1e-6:
        raise PressureError(
            f"Expected weights above 0 that add to 1, found {dict(weights)} with the sum {total:g}: scale them."
        )
    return dict(weights)


def table(readings: pd.DataFrame) -> pd.DataFrame:
    """Put readings of several pressures side by side, a row a month.

    Parameters
    ----------
    readings : DataFrame
        `month` (its last day), `pressure`, `family` (whose figure, of what) and `value`, higher being more pressure.

    Returns
    -------
    DataFrame
        By month, a column for each pressure, from the first to the last month that all of them have.

    Raises
    ------
    FamilyError
        If one pressure is measured by figures of several families.
    PressureError
        If months are missing between the first and the last, or fewer than three are common to all.

    Examples
    --------
    >>> months = pd.date_range("2030-01-31", periods=3, freq="ME")
    >>> rows = [(month, name, "f", 1.0) for month in months for name in ("a", "b")]
    >>> table(pd.DataFrame(rows, columns=["month", "pressure", "family", "value"])).shape
    (3, 2)
    """
    for pressure, families in readings.groupby("pressure", sort=False)["family"].unique().items():
        if len(families) > 1:
            raise FamilyError(
                f"Expected one family of figures for the pressure '{pressure}', found "
                f"{', '.join(map(repr, families))}: a jump between families is no change of pressure."
            )
    wide = readings.pivot(index="month", columns="pressure", values="value").sort_index()
    first = max(wide[name].first_valid_index() for name in wide)
    last = min(wide[name].last_valid_index() for name in wide)
    months = pd.date_range(first, last, freq="ME") if first <= last else pd.DatetimeIndex([])
    if len(months) < LEAST_MONTHS:
        raise PressureError(
            f"Expected at least {LEAST_MONTHS} months that all of {', '.join(wide)} have, found {len(months)}: give "
            "longer series."
        )
    found = wide.reindex(months.rename("month"))
    absent = [f"{month:%Y-%m} of {name}" for name in found for month in found.index[found[name].isna()]]
    if absent:
        raise PressureError(f"Expected a value for every month, found none for {', '.join(absent)}: fill or end there.")
    return found


def cloud(
    indicators: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    concentration: float = 30.0,
    draws: int = 400,
    seed: int = 0,
    level: float = LEVEL,
) -> Cloud:
    """Build a composite index in every combination of normalisation, weights and aggregation.

    Parameters
    ----------
    indicators : DataFrame
        What `table` returns.
    weights : mapping
        Centre of the weights, by column, adding to one.
    concentration : float
        Of the Dirichlet distribution around them: with 30, a weight of one third is drawn with a standard deviation of
        0.08.
    draws, seed : int
        Weights drawn, and where they start.
    level : float
        Share of variants between the limits.

    Returns
    -------
    Cloud

    Raises
    ------
    PressureError
        For weights that do not add to one or are of other columns, indicators with gaps or without change, no draws, a
        concentration not above 0.

    Notes
    -----
    Each column is brought to a scale from 0 to 1: min-max as it is, z-scores by the normal distribution function, ranks
    divided by their number; then to 1 to 100, so that a geometric mean exists. The share that a choice explains is the
    variance of the means over the other choices, over the variance of all variants (the design is complete, so these
    are exact).

    Examples
    --------
    >>> months = pd.date_range("2030-01-31", periods=5, freq="ME")
    >>> rising = pd.DataFrame({"a": range(5), "b": range(5)}, index=months)
    >>> cloud(rising, {"a": 0.5, "b": 0.5}, draws=10).rising
    1.0
    """
    _check(indicators, weights, concentration, draws, level)
    scaled = np.stack([LOWEST + (HIGHEST - LOWEST) * _normalised(indicators, how) for how in NORMALISATIONS])
    centre = np.array([check_weights(weights)[name] for name in indicators])
    drawn = np.random.default_rng(seed).dirichlet(concentration * centre, size=draws)
    variants = np.stack([scaled @ drawn.T, np.exp(np.log(scaled) @ drawn.T)], axis=1).swapaxes(2, 3)
    flat = variants.reshape(-1, len(indicators))
    tail = (1 - level) / 2
    ends = np.quantile(flat, [tail, 0.5, 1 - tail], axis=0)
    quantiles = pd.DataFrame(ends.T, index=indicators.index, columns=["lower", "median", "upper"])
    before = max(len(indicators) - 1 - CHANGE_MONTHS, 0)
    rising = float(np.mean(flat[:, -1] > flat[:, before]))
    return Cloud(quantiles, level, _explained(variants), rising, variants)


def _normalised(indicators: pd.DataFrame, how: str) -> np.ndarray:
    """Bring columns to a scale from 0 to 1: months × columns."""
    if how == "min-max":
        return ((indicators - indicators.min()) / (indicators.max() - indicators.min())).to_numpy()
    if how == "z-score":
        return stats.norm.cdf((indicators - indicators.mean()) / indicators.std(ddof=0))
    return ((indicators.rank() - 0.5) / len(indicators)).to_numpy()


def _explained(variants: np.ndarray) -> pd.Series:
    """Share of the variance between variants that each choice explains alone, averaged over months."""
    axes = {"normalisation": 0, "aggregation": 1, "weights": 2}
    total = float(variants.var(axis=(0, 1, 2)).mean())
    if total == 0:
        return pd.Series({**dict.fromkeys(axes, 0.0), "together": 0.0})
    others = {name: tuple(set(axes.values()) - {axis}) for name, axis in axes.items()}
    alone = {name: float(variants.mean(axis=rest).var(axis=0).mean()) / total for name, rest in others.items()}
    return pd.Series({**alone, "together": max(1 - sum(alone.values()), 0.0)})


def _check(indicators: pd.DataFrame, weights: Mapping, concentration: float, draws: int, level: float) -> None:
    check_draws(draws)
    if set(weights) != set(indicators):
        raise PressureError(
            f"Expected weights of {', '.join(indicators)}, found {', '.join(weights)}: name the columns."
        )
    if not concentration > 0 or not 0 < level < 1:
        raise PressureError(
            f"Expected a concentration above 0 and a level between 0 and 1, found {concentration!r} and {level!r}."
        )
    if len(indicators) < LEAST_MONTHS or indicators.isna().any(axis=None):
        raise PressureError(
            f"Expected at least {LEAST_MONTHS} months without a gap, found {len(indicators)} with "
            f"{int(indicators.isna().sum().sum())} values missing: pass what table returns."
        )
    still = [name for name in indicators if indicators[name].nunique() == 1]
    if still:
        raise PressureError(f"Expected pressures that change, found {', '.join(still)} constant: leave them out.")
