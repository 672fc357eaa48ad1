"""Which input decides the answer: shares of its variance, fair shares of an effect, and what knowing one would bring.

`sobol` asks it of independent ranges, `value_of_information` of draws that belong together, `shapley` splits an effect
among causes that act together. Nothing here knows what the model is about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

LEVEL, RESAMPLES = 0.9, 200
MOST_PLAYERS = 15
LEAST_IN_BIN = 10


class SensitivityError(ValueError):
    """Inputs, players or draws from which no sensitivity can be read."""


def sobol(
    model: Callable, ranges: Mapping[str, object], n: int, seed: int, *, resamples: int = RESAMPLES
) -> pd.DataFrame:
    """Split the variance of a model's answer among its independent inputs.

    Parameters
    ----------
    model : callable
        Takes one array for each input by its name, and returns an array of the same length.
    ranges : mapping
        For each input (lower, upper), read as uniform, or a distribution with a `ppf`.
    n : int
        Size of the samples, a power of two; the model sees n·(inputs + 2) rows.
    seed : int
        Start of the scrambled Sobol sequence and of the bootstrap.
    resamples : int
        Bootstrap samples behind the limits; nought leaves them out.

    Returns
    -------
    DataFrame
        By input: `first` (share of the variance that goes if this input were known) and `total` (share that stays if
        all others were), each with `_lower` and `_upper`, and `level`.

    Raises
    ------
    SensitivityError
        For no inputs, a range without width or out of order, n that is no power of two, an answer that is not finite or
        never changes.

    Notes
    -----
    Saltelli et al. (2010), doi 10.1016/j.cpc.2009.09.018.

    Examples
    --------
    >>> found = sobol(lambda a, b: a + 2 * b, {"a": (0, 1), "b": (0, 1)}, 1024, 0, resamples=0)
    >>> found["first"].round(2).to_dict()
    {'a': 0.2, 'b': 0.8}
    """
    names = list(ranges)
    _check_sample(names, n)
    laws = [_distribution(name, ranges[name]) for name in names]
    points = stats.qmc.Sobol(2 * len(names), rng=np.random.default_rng(seed)).random(n)
    one, other = (
        np.array([law.ppf(column) for law, column in zip(laws, half.T, strict=True)])
        for half in np.split(points, 2, axis=1)
    )
    mixed = [np.where(np.arange(len(names))[:, None] == place, other, one) for place in range(len(names))]
    answers = _answers(model, names, [one, other, *mixed])
    columns = dict(zip(("first", "total"), _indices(answers), strict=True))
    frame = pd.DataFrame(columns, index=pd.Index(names, name="input"))
    if not resamples:
        return frame
    rng = np.random.default_rng([seed, 1])
    again = [_indices(answers[:, rng.integers(n, size=n)]) for _ in range(resamples)]
    ends = np.quantile(again, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    for place, name in enumerate(columns):
        frame[f"{name}_lower"], frame[f"{name}_upper"] = ends[:, place]
    return frame.assign(level=LEVEL)


def shapley(effect: Callable, players: Sequence[Hashable]) -> dict:
    """Split a joint effect fairly among those who bring it about: the mean of what each adds, over all orders.

    Parameters
    ----------
    effect : callable
        Takes a frozenset of players and returns their effect together, a number or an array of draws.
    players : sequence
        Up to 15 distinct players.

    Returns
    -------
    dict
        Share of each player, as the effect is; the shares add up to the effect of all less that of none.

    Raises
    ------
    SensitivityError
        For no players, the same one twice, or more than 15.

    Notes
    -----
    Shapley (1953), doi 10.1515/9781400881970-018; computed over all subsets, so nothing is estimated.

    Examples
    --------
    >>> shapley(lambda team: len(team) ** 2, ["a", "b"])
    {'a': 2.0, 'b': 2.0}
    """
    players = list(players)
    if not 1 <= len(players) <= MOST_PLAYERS or len(set(players)) != len(players):
        raise SensitivityError(
            f"Expected 1 to {MOST_PLAYERS} different players, found {players!r}: name each once, and join small ones."
        )
    size = len(players)
    worth = {team: effect(team) for team in _teams(players)}
    weight = [math.factorial(k) * math.factorial(size - k - 1) / math.factorial(size) for k in range(size)]
    return {
        one: sum(weight[len(team)] * (worth[team | {one}] - worth[team]) for team in worth if one not in team)
        for one in players
    }


def interaction(effect: Callable, players: Sequence[Hashable]):
    """What all players together bring about beyond the sum of what each brings about alone.

    Examples
    --------
    >>> interaction(lambda team: len(team) ** 2, ["a", "b"])
    2
    """
    nobody = effect(frozenset())
    alone = sum(effect(frozenset([one])) - nobody for one in players)
    return effect(frozenset(players)) - nobody - alone


def value_of_information(outcome, inputs: pd.DataFrame, *, bins: int = 50) -> pd.DataFrame:
    """Say how much doubt about an outcome would go, on average, if one input were known.

    Parameters
    ----------
    outcome : array (draws,)
        The answer by draw: a number, or whether something happens.
    inputs : DataFrame (draws × inputs)
        What each draw was made with; inputs may depend on one another.
    bins : int
        Groups of draws with nearly the same value of an input.

    Returns
    -------
    DataFrame
        By input, the most valuable first: `removed`, the expected share of the outcome's variance that goes, and
        `sd_left`, the standard deviation that would be left on average (root mean square).

    Raises
    ------
    SensitivityError
        For too few draws for the bins, missing numbers, or an outcome that never changes.

    Notes
    -----
    Var E(Y|X) / Var Y, by analysis of variance over bins of equal size with the noise of their means taken off: the
    correlation ratio, which is the value of information where an estimate, and not a choice, is asked for (Jackson,
    Presanis, Conti & De Angelis 2019, doi 10.1080/01621459.2018.1562932).
    For an event Y, p(1 - p) is the doubt. With jointly normal numbers it is their squared correlation.
    """
    answer = np.asarray(outcome, dtype=float)
    table = inputs.astype(float)
    _check_draws(answer, table, bins)
    total = float(np.var(answer))
    removed = pd.Series({name: _explained(answer, table[name].to_numpy(), bins) / total for name in table})
    frame = pd.DataFrame({"removed": removed, "sd_left": np.sqrt(np.maximum(1 - removed, 0.0) * total)})
    return frame.rename_axis("input").sort_values("removed", ascending=False, kind="stable")


def _teams(players: list):
    return [frozenset(team) for size in range(len(players) + 1) for team in combinations(players, size)]


def _answers(model: Callable, names: list[str], samples: list[np.ndarray]) -> np.ndarray:
    """Ask the model for all samples, and take the mean off."""
    rows = np.concatenate(samples, axis=1)
    found = np.asarray(model(**dict(zip(names, rows, strict=True))), dtype=float)
    if found.shape != rows.shape[1:] or not np.isfinite(found).all():
        raise SensitivityError(
            f"Expected a finite answer for each of {rows.shape[1]} rows, found shape {found.shape} or a number without "
            "end: let the model answer everywhere in the ranges."
        )
    if np.ptp(found) == 0:
        raise SensitivityError("Expected an answer that changes with its inputs, found always one: widen the ranges.")
    return (found - found.mean()).reshape(len(samples), -1)


def _indices(answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and total order from the answers to two samples and to the first with one column of the second each."""
    one, other, mixed = answers[0], answers[1], answers[2:]
    variance = np.var(answers[:2])
    return (other * (mixed - one)).mean(axis=1) / variance, ((one - mixed) ** 2).mean(axis=1) / (2 * variance)


def _distribution(name: str, given):
    if hasattr(given, "ppf"):
        return given
    lower, upper = given
    if not lower < upper:
        raise SensitivityError(
            f"Expected a range of '{name}' from lower to upper, found {lower!r} to {upper!r}: leave out what is fixed."
        )
    return stats.uniform(lower, upper - lower)


def _explained(answer: np.ndarray, given: np.ndarray, bins: int) -> float:
    """Variance between bins of one input, less what the noise of their means adds."""
    if np.ptp(given) == 0:
        return 0.0
    groups = np.array_split(answer[np.argsort(given, kind="stable")], bins)
    sizes, means = np.array([len(one) for one in groups]), np.array([one.mean() for one in groups])
    between = float(sizes @ (means - answer.mean()) ** 2 / len(answer))
    within = float(sum(((one - mean) ** 2).sum() for one, mean in zip(groups, means, strict=True)))
    noise = within / (len(answer) - bins) * (bins - 1) / len(answer)
    return max(between - noise, 0.0)


def _check_sample(names: list[str], n: int) -> None:
    if not names:
        raise SensitivityError("Expected at least one input with a range, found none: name what may vary.")
    if not isinstance(n, (int, np.integer)) or n < 2 or n & (n - 1):
        raise SensitivityError(f"Expected a sample of a power of two rows, found {n!r}: take 1024 or 16384.")


def _check_draws(answer: np.ndarray, table: pd.DataFrame, bins: int) -> None:
    if answer.ndim != 1 or len(answer) != len(table) or len(answer) < LEAST_IN_BIN * bins:
        raise SensitivityError(
            f"Expected at least {LEAST_IN_BIN * bins} draws of outcome and inputs for {bins} bins, found "
            f"{answer.size} and {len(table)}: draw more, or take fewer bins."
        )
    if not (np.isfinite(answer).all() and np.isfinite(table.to_numpy()).all()):
        raise SensitivityError("Expected finite numbers in every draw, found missing ones: leave such draws out.")
    if np.ptp(answer) == 0:
        raise SensitivityError("Expected an outcome that differs between draws, found always one: nothing is in doubt.")
