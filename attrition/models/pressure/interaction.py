"""Do pressures compound? The joint effect of several, split among them, and set against the sum of each alone.

Pressures compound if all together do more than the sum of what each does alone. That depends on what is asked: shares
taken one after another from a flow of people overlap (two halves leave a quarter, not nothing), while a mark that is
only passed by all of them together makes a sum of small parts a large whole. So the outcome is the caller's, and the
answer belongs to it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from attrition.models import sensitivity
from attrition.models.pressure.faults import PressureError
from attrition.models.pressure.ranges import LEVEL

THRESHOLD = 0.05  # share of the joint effect below which an interaction does not matter in practice
ROUNDING = 1e-9  # of the parts' size: what floating-point sums may leave
LEAST_DRAWS = 20


@dataclass(frozen=True, eq=False)
class Interaction:
    """How a joint effect comes about.

    Attributes
    ----------
    parts : DataFrame
        By player: `alone` (mean effect without the others), `shapley` (fair share of the joint effect, its mean) with
        `median`, `lower` and `upper`.
    pairs : Series
        By two players: what both do beyond the sum of each alone.
    joint, beyond : float
        Mean joint effect, and what of it is beyond the sum of the parts.
    share, lower, upper, level : float
        Interaction share: joint effect less the sum of the parts, over the joint effect. Positive: they compound;
        negative: they overlap.
    probability : float
        That the share is above the threshold.
    overlap : float
        That it is below minus the threshold.
    threshold : float
    undefined : float
        Share of draws without a joint effect, for which there is no share.
    shares : array
        Interaction share by draw, or by bootstrap sample.
    """

    parts: pd.DataFrame
    pairs: pd.Series
    joint: float
    beyond: float
    share: float
    lower: float
    upper: float
    level: float
    probability: float
    overlap: float
    threshold: float
    undefined: float
    shares: np.ndarray = field(repr=False)


def decompose(
    effect: Callable,
    players: Sequence[Hashable],
    *,
    statistic: Callable | None = None,
    threshold: float = THRESHOLD,
    level: float = LEVEL,
    resamples: int = 500,
    seed: int = 0,
) -> Interaction:
    """Split a joint effect among players over scenario draws, and say whether they compound.

    Parameters
    ----------
    effect : callable
        Takes a frozenset of players and returns the outcome with just these, as an array of draws that belong together
        row by row whatever the subset (common random numbers).
    players : sequence
        Two or more.
    statistic : callable, optional
        What is asked of all draws together, for instance `np.mean` of a yes-or-no outcome for a probability; the
        interval then comes from drawing rows again. Without it every draw is a scenario with a share of its own.
    threshold : float
        Interaction share, from 0 on, from which it counts in practice.
    level : float
        Share of draws between the limits.
    resamples, seed : int
        Bootstrap samples for a statistic, and where they start.

    Raises
    ------
    PressureError
        For fewer than two players or 20 draws, arrays of different lengths, outcomes that are not finite, a threshold
        below 0, or no joint effect in any draw.

    Notes
    -----
    Shapley (1953), doi 10.1515/9781400881970-018, by `sensitivity.shapley`. Sums are exact up to rounding, so a world
    without interaction gives exactly 0.

    Examples
    --------
    >>> size = {"a": np.full(50, 3.0), "b": np.full(50, 1.0)}
    >>> def world(team):
    ...     return sum((size[one] for one in team), np.zeros(50)) * (2 if len(team) == 2 else 1)
    >>> found = decompose(world, ["a", "b"])
    >>> found.share, found.probability, found.parts["shapley"].to_dict()
    (0.5, 1.0, {'a': 5.0, 'b': 3.0})
    """
    worth = _worth(effect, list(players), threshold, level)
    if statistic is not None:
        worth = _resampled(worth, statistic, resamples, np.random.default_rng(seed))
    joint, beyond = _joint(worth, list(players))
    known = np.abs(joint) > ROUNDING * max(float(np.abs(worth[frozenset()]).mean()), 1e-300)
    if not known.any():
        raise PressureError("Expected a joint effect in at least one draw, found none: the outcome does not respond.")
    shares = beyond[known] / joint[known]
    tail = (1 - level) / 2
    lower, middle, upper = np.quantile(shares, [tail, 0.5, 1 - tail])
    return Interaction(
        _parts(worth, list(players), tail), _pairs(worth, list(players)), float(joint.mean()), float(beyond.mean()),
        float(middle), float(lower), float(upper), level, float(np.mean(shares > threshold)),
        float(np.mean(shares < -threshold)), threshold, float(1 - known.mean()), shares,
    )  # fmt: skip


def _worth(effect: Callable, players: list, threshold: float, level: float) -> dict[frozenset, np.ndarray]:
    """Outcome of every subset, checked."""
    if len(players) < 2 or len(set(players)) != len(players):
        raise PressureError(f"Expected at least two different players, found {players!r}: one alone cannot compound.")
    if not threshold >= 0 or not 0 < level < 1:
        raise PressureError(
            f"Expected a threshold from 0 on and a level between 0 and 1, found {threshold!r} and {level!r}: set them."
        )
    teams = [frozenset(team) for size in range(len(players) + 1) for team in combinations(players, size)]
    worth = {team: np.asarray(effect(team), dtype=float) for team in teams}
    shapes = {one.shape for one in worth.values()}
    if len(shapes) != 1 or len(shape := shapes.pop()) != 1 or shape[0] < LEAST_DRAWS:
        raise PressureError(
            f"Expected one outcome for each of at least {LEAST_DRAWS} draws, the same number for every subset, found "
            f"{sorted({one.shape for one in worth.values()})}: use common draws."
        )
    if not all(np.isfinite(one).all() for one in worth.values()):
        raise PressureError("Expected finite outcomes for every subset of players, found others: limit the outcome.")
    return worth


def _resampled(worth: dict, statistic: Callable, resamples: int, rng) -> dict[frozenset, np.ndarray]:
    draws = len(worth[frozenset()])
    rows = [np.arange(draws), *(rng.integers(draws, size=draws) for _ in range(resamples))]
    return {team: np.array([float(statistic(one[row])) for row in rows]) for team, one in worth.items()}


def _joint(worth: dict, players: list) -> tuple[np.ndarray, np.ndarray]:
    """Joint effect, and what of it is beyond the sum of the parts; rounding left by the sums counts as nought."""
    joint = worth[frozenset(players)] - worth[frozenset()]
    alone = [worth[frozenset([one])] - worth[frozenset()] for one in players]
    beyond = sensitivity.interaction(worth.__getitem__, players)
    size = np.abs(worth[frozenset()]) + np.abs(joint) + np.sum(np.abs(alone), axis=0)
    return joint, np.where(np.abs(beyond) <= ROUNDING * size, 0.0, beyond)


def _parts(worth: dict, players: list, tail: float) -> pd.DataFrame:
    fair = sensitivity.shapley(worth.__getitem__, players)
    rows = {
        one: [
            (worth[frozenset([one])] - worth[frozenset()]).mean(),
            fair[one].mean(),
            *np.quantile(fair[one], [0.5, tail, 1 - tail]),
        ]
        for one in players
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["alone", "shapley", "median", "lower", "upper"])


def _pairs(worth: dict, players: list) -> pd.Series:
    found = {two: sensitivity.interaction(worth.__getitem__, list(two)).mean() for two in combinations(players, 2)}
    return pd.Series(found, dtype=float)
