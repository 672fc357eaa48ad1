"""The force month by month: who joins, who is lost, who lies wounded, and who comes back when.

Every wounded person is absent at once; those who will return do so after a lag. The people in the theatre, in
hospital, and gone always add up to those who were there at the start and those who joined since.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from attrition.models.balance.envelope import BalanceError
from attrition.models.balance.inputs import Parameters, check_size, check_steps, draw_inputs

BLOCK = 4096  # draws computed at a time, to stay in fast memory
LAST_SHARE = 0.995  # of the returning who have come back when the lag is cut off


@dataclass(frozen=True, eq=False)
class Flows:
    """What moves in each month, draws × months, persons: inputs of `carry`."""

    joining: np.ndarray
    killed: np.ndarray
    wounded: np.ndarray
    leaving: np.ndarray


@dataclass(frozen=True, eq=False)
class Paths:
    """Forces over time.

    Attributes
    ----------
    force : array (draws, months + 1)
        Persons in the theatre, today first.
    inputs : dict of arrays (draws,)
        What each draw began with, by the name of the parameter.
    """

    force: np.ndarray
    inputs: dict[str, np.ndarray]

    @property
    def months(self) -> int:
        """How many months are followed."""
        return self.force.shape[1] - 1

    def quantiles(self, probabilities) -> np.ndarray:
        """Quantiles of the force by month: probabilities × (months + 1)."""
        return np.quantile(self.force, probabilities, axis=0)


def simulate(parameters: Parameters, months: int, draws: int, seed: int) -> Paths:
    """Run a force forward.

    Each month F' = F + (1 - u)·R - K - W - captured - D + returns: all wounded leave at once, and a share of them
    returns after a gamma lag. Those wounded before the start are on their way back too, as if the losses had been the
    same until then. The logarithms of recruits and of casualties wander around their start (an autoregression of order
    one, or a random walk). Losses end where nobody is left.

    Parameters
    ----------
    parameters : Parameters
    months, draws, seed : int
        Months to follow, from 1 to 240, random futures, and where they start.

    Raises
    ------
    BalanceError
        For months or draws out of range, negative flows, shares outside 0 to 1, ranges out of order, arrays of
        different lengths, a lag or step that cannot be.

    Examples
    --------
    >>> given = Parameters(force=700_000, recruits=30_000, casualties=35_000, wounded_per_killed=2.5, return_share=0.5)
    >>> simulate(given, months=2, draws=1, seed=0).force.tolist()
    [[700000.0, 707500.0, 715000.0]]
    """
    check_size(months, draws)
    kernel = returning(parameters.lag_months, parameters.lag_shape)
    check_steps(parameters)
    streams = np.random.SeedSequence(seed).spawn(2)
    inputs = draw_inputs(parameters, draws, np.random.default_rng(streams[0]))
    rng = np.random.default_rng(streams[1])
    force = np.empty((draws, months + 1))
    for begin in range(0, draws, BLOCK):
        rows = slice(begin, min(begin + BLOCK, draws))
        force[rows] = _block({name: one[rows] for name, one in inputs.items()}, parameters, kernel, months, rng)
    return Paths(force, inputs)


def carry(force, flows: Flows, return_share, kernel, hospital=None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Carry a force through given flows, month by month, and lose nobody on the way.

    Parameters
    ----------
    force, return_share : arrays (draws,)
    flows : Flows
        Draws × months. Where more would be lost than are there, all losses of the month shrink in one proportion.
    kernel : array (lags,)
        Share of the returning who come back 1, 2, … months after the month of the wound; sums to one.
    hospital : array (draws, lags), optional
        Persons already on their way back, by months to go from 1 on.

    Returns
    -------
    force : array (draws, months + 1)
    hospital : array (draws, lags)
        Persons still on their way back at the end.
    lost : array (draws,)
        Persons gone for good: killed, left, and wounded who do not return.
    """
    draws, months = flows.joining.shape
    path = np.empty((months + 1, draws)).T  # months lie together in memory, as they are walked through
    path[:, 0] = force
    waiting = np.zeros((len(kernel), draws)) if hospital is None else np.array(hospital, dtype=float).T.copy()
    lost, coming = np.zeros(draws), kernel[:, None] * np.broadcast_to(return_share, (draws,))
    staying_away = 1.0 - np.broadcast_to(return_share, (draws,))
    for month in range(months):
        here = path[:, month] + flows.joining[:, month] + waiting[0]
        gone = flows.killed[:, month] + flows.leaving[:, month]
        out = gone + flows.wounded[:, month]
        part = np.minimum(1.0, np.divide(here, out, out=np.ones(draws), where=out > 0))
        waiting[:-1], waiting[-1] = waiting[1:], 0.0
        wounded = part * flows.wounded[:, month]
        waiting += coming * wounded
        lost += part * gone + staying_away * wounded
        path[:, month + 1] = here - part * out
    return path, waiting.T, lost


def returning(lag_months: float, lag_shape: float = 2.0) -> np.ndarray:
    """Share of the returning who come back 1, 2, … months after the month in which they were wounded.

    The gamma distribution of the lag, cut into months and cut off where nearly all are back.

    Examples
    --------
    >>> kernel = returning(3.0)
    >>> round(float(kernel.sum()), 9), len(kernel)
    (1.0, 12)
    """
    for name, number in (("lag_months", lag_months), ("lag_shape", lag_shape)):
        if not 0 < number <= 60:
            raise BalanceError(f"Expected {name} above 0 and at most 60, found {number!r}: give a lag in months.")
    lag = stats.gamma(lag_shape, scale=lag_months / lag_shape)
    steps = np.diff(lag.cdf(np.arange(int(np.ceil(lag.ppf(LAST_SHARE))) + 1)))
    return steps / steps.sum()


def _block(inputs: dict, parameters: Parameters, kernel: np.ndarray, months: int, rng) -> np.ndarray:
    left = float(np.exp(-1 / parameters.memory_months))
    recruits = _walk(inputs["recruits"], parameters.recruits_step_sd, left, months, rng)
    casualties = _walk(inputs["casualties"], parameters.casualties_step_sd, left, months, rng)
    killed_share = 1.0 / (1.0 + inputs["wounded_per_killed"])[:, None]
    killed = casualties * killed_share
    leaving = np.broadcast_to((inputs["other_exits"] + inputs["captured"])[:, None], casualties.shape)
    joining = recruits * (1.0 - inputs["new_unit_share"])[:, None]
    wounded = casualties - killed
    before = inputs["return_share"] * inputs["casualties"] * (1.0 - killed_share[:, 0])
    hospital = before[:, None] * np.cumsum(kernel[::-1])[::-1]
    flows = Flows(joining, killed, wounded, leaving)
    return carry(inputs["force"], flows, inputs["return_share"], kernel, hospital)[0]


def _walk(start: np.ndarray, step_sd: float, kept: float, months: int, rng) -> np.ndarray:
    """Rates of the months to come; `kept` is the part of a departure that is left after a month."""
    if step_sd == 0:
        return np.broadcast_to(start[:, None], (len(start), months))
    away = step_sd * rng.standard_normal((months, len(start)))
    for month in range(1, months):
        away[month] += kept * away[month - 1]
    return start[:, None] * np.exp(away, out=away).T
