"""Published recruits, losses and forces do not add up; here is asked what must be true for them to.

Published forces rise and fall by more than recruits less casualties. What is left over is the residual; it closes if
enough of the wounded return. The accounts show one number, those who do not come back; how they part into dead,
disabled, deserted and sent elsewhere is assumed, and the assumption is drawn along with everything else.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attrition.models.balance.accounts import Accounts, Beliefs, Closure, check, positions, sorted_readings
from attrition.models.balance.envelope import BalanceError

FLAT = 1e7  # standard deviation, in persons, of the force at the start: nothing is known
FEWEST_DRAWS = 100  # that close


def close(accounts: Accounts, readings: pd.DataFrame, beliefs: Beliefs | None = None, *, seed: int) -> Closure:
    """Infer from published forces which share of the wounded must have returned.

    Parameters
    ----------
    accounts : Accounts
    readings : DataFrame
        Published forces: `speaker, day, value`, days within the months of the accounts.
    beliefs : Beliefs, optional
    seed : int
        Start of all draws.

    Returns
    -------
    Closure
        Only draws that close; `closing` says which share did.

    Raises
    ------
    BalanceError
        If no speaker has two figures half a year apart, a figure lies outside the months, arrays do not fit together,
        or hardly any draw closes.

    Notes
    -----
    At month t the force is F(t) = F₀ + A(t) + Σ ρₕ·Bₕ(t), with A all that joins less all that leaves, and Bₕ those of
    stretch h who would be back if everybody returned. A speaker's figure is F(t), an error that changes slowly, and
    noise; ρ moves from stretch to stretch as a random walk. All of it is linear and Gaussian, so each draw of the flows
    has its posterior in closed form, and is drawn from once. Speakers who disagree are not averaged: each draw gives
    them random weights (the Bayesian bootstrap of Rubin 1981, doi 10.1214/aos/1176345338), so disagreement widens the
    result. Draws with a share outside 0 to 1, or a force below nobody, are impossible and refused.
    """
    beliefs = beliefs or Beliefs()
    check(accounts)
    told = sorted_readings(readings, accounts.ends)
    rng = np.random.default_rng(seed)
    leaving, back = _sums(accounts, beliefs.stretch_months)
    states = _draw(told, accounts.ends, leaving, back, beliefs, rng)
    shares = states[:, 1:]
    path = states[:, :1] + leaving + np.einsum("nh,nht->nt", shares, back)
    possible = ((shares >= 0) & (shares <= 1)).all(axis=1) & (path >= 0).all(axis=1)
    rows = np.flatnonzero(possible)
    if len(rows) < FEWEST_DRAWS:
        raise BalanceError(
            f"Expected at least {FEWEST_DRAWS} draws that close with return shares from 0 to 1, found {len(rows)} of "
            f"{len(shares)}: the published recruits, losses and forces contradict one another, widen one of them."
        )
    return _outcome(accounts, told, states[rows], path[rows], rows, len(rows) / len(shares), beliefs, rng)


def _outcome(accounts, told, states, path, rows, closing, beliefs, rng) -> Closure:
    killed, wounded = accounts.killed[rows], accounts.wounded[rows]
    shares = states[:, 1:]
    at = _stretches(wounded.shape[1], beliefs.stretch_months)
    gone = killed + (1 - shares[:, at]) * wounded
    lost = gone.sum(axis=1) / (killed + wounded).sum(axis=1)
    last = slice(-beliefs.stretch_months, None)
    recent = gone[:, last].sum(axis=1) / (killed + wounded)[:, last].sum(axis=1)
    grid = _grid(told["day"], accounts.ends)
    plain = _from_nought(accounts.recruits[rows] - killed - wounded)
    beyond = (path - plain) @ grid[[told["day"].argmin(), told["day"].argmax()]].T
    months = np.ptp(positions(told["day"], accounts.ends))
    residual = (beyond[:, 1] - beyond[:, 0]) / months
    fitted = _retold(told, accounts.ends, path @ grid.T, beliefs, rng)
    return Closure(shares, lost, recent, residual, at, rows, path, closing, fitted)


def _retold(told: pd.DataFrame, ends, fitted, beliefs: Beliefs, rng) -> pd.DataFrame:
    """What the accounts would have each speaker say on the same day, with the speakers' errors."""
    root = np.linalg.cholesky(_errors(told, positions(told["day"], ends), beliefs))
    spread = fitted + rng.standard_normal(fitted.shape) @ root.T
    lower, centre, upper = np.quantile(spread, [0.05, 0.5, 0.95], axis=0)
    return told.assign(fitted=centre, lower=lower, upper=upper)


def _draw(told, ends, leaving, back, beliefs: Beliefs, rng) -> np.ndarray:
    """Draw states (draws × states): force at the start, then return shares.

    Targets and beliefs are shaken and the least-squares problem is solved once more for each draw, which is exact where
    everything is linear and Gaussian.
    """
    draws, stretches = len(leaving), back.shape[1]
    who, names = pd.factorize(told["speaker"], sort=True)
    value = told["value"].to_numpy()
    grid = _grid(told["day"], ends)
    slopes = np.zeros((draws, len(told), 1 + stretches))
    slopes[..., 0] = 1.0
    slopes[..., 1:] = np.einsum("nht,jt->njh", back, grid)
    whiten = np.linalg.inv(np.linalg.cholesky(_errors(told, positions(told["day"], ends), beliefs)))
    weight = np.sqrt(rng.dirichlet(np.ones(len(names)), size=draws)[:, who] * len(names))
    prior, wanted = _prior(stretches, beliefs, float(value.mean()))
    slopes = np.concatenate([weight[..., None] * (whiten @ slopes), np.broadcast_to(prior, (draws, *prior.shape))], 1)
    target = weight * ((value - leaving @ grid.T) @ whiten.T)
    target = np.concatenate([target, np.broadcast_to(wanted, (draws, len(wanted)))], axis=1)
    target += rng.standard_normal(target.shape)
    turned = np.swapaxes(slopes, 1, 2)
    return np.linalg.solve(turned @ slopes, turned @ target[..., None])[..., 0]


def _errors(told: pd.DataFrame, months: np.ndarray, beliefs: Beliefs) -> np.ndarray:
    """Covariance of the errors of all figures: a slow one for each speaker, and a quick one for each figure."""
    value = told["value"].to_numpy()
    same = told["speaker"].to_numpy()[:, None] == told["speaker"].to_numpy()
    alike = same * np.exp(-np.abs(months[:, None] - months) / beliefs.memory_months)
    return np.outer(value, value) * (beliefs.offset_share**2 * alike + beliefs.noise_share**2 * np.eye(len(value)))


def _prior(stretches: int, beliefs: Beliefs, typical: float) -> tuple[np.ndarray, np.ndarray]:
    """What is believed before, as rows over their standard deviations: slopes and targets."""
    rows, targets = np.zeros((1 + stretches, 1 + stretches)), np.zeros(1 + stretches)
    rows[0, 0], targets[0] = 1 / FLAT, typical / FLAT
    rows[1, 1], targets[1] = 1 / beliefs.share_sd, 0.5 / beliefs.share_sd
    for step in range(2, 1 + stretches):
        rows[step, [step - 1, step]] = -1 / beliefs.step_sd, 1 / beliefs.step_sd
    return rows, targets


def _sums(accounts: Accounts, stretch_months: int) -> tuple[np.ndarray, np.ndarray]:
    """Running sums, from nought: joins less leaves (draws × months + 1), and returns if everybody returned.

    The returns are kept apart by the stretch of the wound (draws × stretches × months + 1); whoever was wounded before
    the first month counts to the first stretch, as many in each month as in the first.
    """
    joins = accounts.recruits * (1 - accounts.new_unit_share)[:, None]
    leaves = accounts.killed + accounts.wounded + accounts.exits[:, None]
    draws, months = accounts.wounded.shape
    lags = len(accounts.kernel)
    before = np.repeat(accounts.wounded[:, :1], lags, axis=1)
    history = np.concatenate([before, accounts.wounded], axis=1)
    at = np.concatenate([np.zeros(lags, dtype=int), _stretches(months, stretch_months)])
    back = np.zeros((draws, at[-1] + 1, months))
    for lag, part in enumerate(accounts.kernel, start=1):
        for month in range(months):
            wounded = lags + month - lag
            back[:, at[wounded], month] += part * history[:, wounded]
    return _from_nought(joins - leaves), _from_nought(back)


def _stretches(months: int, stretch_months: int) -> np.ndarray:
    """Number of the stretch of each month; the last one is whole, the first one takes what is left."""
    number = -(np.arange(months)[::-1] // stretch_months)
    number = number - number[0]
    spare = months % stretch_months
    return np.maximum(number - 1, 0) if spare and months > stretch_months else number


def _from_nought(flows: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros((*flows.shape[:-1], 1)), np.cumsum(flows, axis=-1)], axis=-1)


def _grid(days: pd.Series, ends: pd.DatetimeIndex) -> np.ndarray:
    """Weights that read a path, known at month ends, on days in between: days × (months + 1)."""
    place = positions(days, ends)
    low = np.minimum(place.astype(int), len(ends) - 1)
    weights = np.zeros((len(place), len(ends) + 1))
    weights[np.arange(len(place)), low] = 1 - (place - low)
    weights[np.arange(len(place)), low + 1] = place - low
    return weights
