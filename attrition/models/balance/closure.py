"""The accounts turned round: published recruits, losses and forces do not add up, so what must be true for them to?

Published forces rise and fall by more than recruits less casualties. What is left over is the residual; it closes if
enough of the wounded return. The accounts show one number, those who do not come back; how they part into dead,
disabled, deserted and sent elsewhere is assumed, and the assumption is drawn along with everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attrition.models.balance.arithmetic import BalanceError

LEAST_MONTHS_APART = 6  # between the first and last figure of a speaker, to say anything about growth
LEAST_NOISE_SHARE = 0.01  # of the force: nobody counts more closely


@dataclass(frozen=True, eq=False)
class Accounts:
    """Published flows of one force by month; arrays of draws × months, or of draws.

    Attributes
    ----------
    ends : DatetimeIndex
        Last day of each month, without gaps.
    recruits, killed, wounded : arrays (draws, months)
    exits : array (draws,)
        Persons a month who leave for other reasons, prisoners included.
    new_unit_share : array (draws,)
    kernel : array (lags,)
        From `ledger.returning`.
    """

    ends: pd.DatetimeIndex
    recruits: np.ndarray
    killed: np.ndarray
    wounded: np.ndarray
    exits: np.ndarray
    new_unit_share: np.ndarray
    kernel: np.ndarray


@dataclass(frozen=True, eq=False)
class Closure:
    """What must be true for the accounts to close, draw by draw.

    Attributes
    ----------
    return_share, irrecoverable_share : arrays (draws,)
        Share of the wounded who return, and share of killed and wounded who do not.
    residual : array (draws,)
        Persons a month that published forces gained beyond recruits less casualties, over the figures of the draw's
        speaker.
    speaker : array (draws,)
        Whose forces the draw is closed with.
    rows : array (draws,)
        Row of the accounts that the draw takes.
    path : array (draws, months + 1)
        Force before the first month and at the end of each.
    closing : float
        Share of all draws tried whose accounts close with a return share from 0 to 1; only these are kept.
    noise : float
        Standard deviation, in persons, of a published force around the path that fits its speaker best.
    misfit : DataFrame
        By reading: `speaker, day, value, fitted, difference`, the best fit of its speaker at median flows.
    """

    return_share: np.ndarray
    irrecoverable_share: np.ndarray
    residual: np.ndarray
    speaker: np.ndarray
    rows: np.ndarray
    path: np.ndarray
    closing: float
    noise: float
    misfit: pd.DataFrame


def close(accounts: Accounts, readings: pd.DataFrame, *, seed: int) -> Closure:
    """Infer from published forces which share of the wounded must have returned.

    Parameters
    ----------
    accounts : Accounts
    readings : DataFrame
        Published forces: `speaker, day, value`, days within the months of the accounts. A speaker counts who has at
        least two figures six months apart; all such speakers weigh the same.
    seed : int
        Start of the draws of speakers and of the noise of their figures.

    Returns
    -------
    Closure
        Only draws that close; `closing` says which share did.

    Raises
    ------
    BalanceError
        If no speaker has two figures six months apart, a figure lies outside the months, or no draw closes.

    Notes
    -----
    At month t the force is F(t) = F₀ + A(t) + ρ·B(t), with A all that joins less all that leaves, and B those who would
    be back if everybody returned. That is linear in the force at the start and the return share ρ, so each draw is one
    least-squares line through the figures of one speaker, shaken by their noise. A share outside 0 to 1 is impossible,
    so such a draw is refused, which is what a uniform belief about ρ from 0 to 1 amounts to.
    """
    _check_accounts(accounts)
    told = _told(readings, accounts.ends)
    leaving, back = _sums(accounts)
    grid = {one: _weights(part["day"], accounts.ends) for one, part in told.groupby("speaker")}
    misfit, noise = _best_fits(told, grid, np.median(leaving, axis=0), np.median(back, axis=0))
    rng = np.random.default_rng(seed)
    draws = len(leaving)
    chosen = rng.permutation(np.arange(draws) % len(grid))
    start, share = np.empty(draws), np.empty(draws)
    names = np.array(sorted(grid), dtype=object)
    for at, one in enumerate(names):
        rows = np.flatnonzero(chosen == at)
        values = told.loc[told["speaker"] == one, "value"].to_numpy()
        shaken = values + noise * rng.standard_normal((len(rows), len(values)))
        start[rows], share[rows] = _line(leaving[rows] @ grid[one].T, back[rows] @ grid[one].T, shaken)
    return _outcome(accounts, leaving, back, start, share, names[chosen], told, noise, misfit)


def _outcome(accounts, leaving, back, start, share, speaker, told, noise, misfit) -> Closure:
    rows = np.flatnonzero((share >= 0) & (share <= 1))
    if not len(rows):
        raise BalanceError(
            "Expected accounts that close with a return share from 0 to 1 in at least one draw, found none: the "
            "published recruits, losses and forces contradict one another, widen one of them."
        )
    path = start[rows, None] + leaving[rows] + share[rows, None] * back[rows]
    killed, wounded = accounts.killed.sum(axis=1)[rows], accounts.wounded.sum(axis=1)[rows]
    lost = (killed + (1 - share[rows]) * wounded) / (killed + wounded)
    residual = _residual(accounts, path, rows, speaker[rows], told)
    return Closure(share[rows], lost, residual, speaker[rows], rows, path, len(rows) / len(share), noise, misfit)


def _sums(accounts: Accounts) -> tuple[np.ndarray, np.ndarray]:
    """Running sums, from nought: joins less leaves, and returns if every wounded person returned."""
    joins = accounts.recruits * (1 - accounts.new_unit_share)[:, None]
    leaves = accounts.killed + accounts.wounded + accounts.exits[:, None]
    lags, months = len(accounts.kernel), accounts.wounded.shape[1]
    before = np.repeat(accounts.wounded[:, :1], lags, axis=1)
    history = np.concatenate([before, accounts.wounded], axis=1)
    back = np.zeros_like(accounts.wounded)
    for lag, part in enumerate(accounts.kernel, start=1):
        back += part * history[:, lags - lag : lags - lag + months]
    return _from_nought(joins - leaves), _from_nought(back)


def _from_nought(flows: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros((len(flows), 1)), np.cumsum(flows, axis=1)], axis=1)


def _weights(days: pd.Series, ends: pd.DatetimeIndex) -> np.ndarray:
    """Weights that read a path, known at month ends, on days in between: days × (months + 1)."""
    place = positions(days, ends)
    low = np.minimum(place.astype(int), len(ends) - 1)
    weights = np.zeros((len(place), len(ends) + 1))
    weights[np.arange(len(place)), low] = 1 - (place - low)
    weights[np.arange(len(place)), low + 1] = place - low
    return weights


def positions(days, ends: pd.DatetimeIndex) -> np.ndarray:
    """Months from the start of the accounts to days, with parts of months.

    Examples
    --------
    >>> ends = pd.DatetimeIndex(["2030-01-31", "2030-02-28"])
    >>> positions(["2030-01-31", "2030-02-14"], ends).tolist()
    [1.0, 1.5]
    """
    marks = pd.DatetimeIndex([ends[0] - pd.offsets.MonthEnd(1), *ends]).as_unit("s").asi8
    return np.interp(pd.DatetimeIndex(days).as_unit("s").asi8, marks, np.arange(len(ends) + 1.0))


def _line(leaving: np.ndarray, back: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least squares, row by row: values = start + leaving + share · back."""
    wanted = values - leaving
    x, y = back - back.mean(axis=1, keepdims=True), wanted - wanted.mean(axis=1, keepdims=True)
    share = (x * y).sum(axis=1) / (x * x).sum(axis=1)
    return wanted.mean(axis=1) - share * back.mean(axis=1), share


def _best_fits(told, grid, leaving, back) -> tuple[pd.DataFrame, float]:
    """Fit each speaker at median flows; return what is left, and its pooled standard deviation."""
    parts = []
    for one, part in told.groupby("speaker"):
        at = grid[one] @ leaving, grid[one] @ back, part["value"].to_numpy()
        start, share = _line(*(row[None, :] for row in at))
        parts.append(part.assign(fitted=start[0] + at[0] + share[0] * at[1]))
    found = pd.concat(parts, ignore_index=True)
    found["difference"] = found["value"] - found["fitted"]
    freedom = max(len(found) - 2 * len(grid), 0)
    spread = np.sqrt((found["difference"] ** 2).sum() / freedom) if freedom else 0.0
    return found, float(max(spread, LEAST_NOISE_SHARE * found["value"].mean()))


def _residual(accounts: Accounts, path, rows, speaker, told) -> np.ndarray:
    """Growth of the fitted force beyond recruits less casualties, persons a month, over each speaker's own figures."""
    plain = _from_nought(accounts.recruits - accounts.killed - accounts.wounded)[rows]
    found = np.empty(len(rows))
    for one, part in told.groupby("speaker"):
        mine = speaker == one
        ends = _weights(pd.Series([part["day"].min(), part["day"].max()]), accounts.ends)
        months = float(np.diff(ends @ np.arange(len(accounts.ends) + 1.0))[0])
        beyond = (path[mine] - plain[mine]) @ ends.T
        found[mine] = (beyond[:, 1] - beyond[:, 0]) / months
    return found


def _told(readings: pd.DataFrame, ends: pd.DatetimeIndex) -> pd.DataFrame:
    """Figures of speakers who say something about growth."""
    told = readings[["speaker", "day", "value"]].sort_values(["speaker", "day"], kind="stable")
    first = ends[0] - pd.offsets.MonthEnd(1)
    outside = told[(told["day"] < first) | (told["day"] > ends[-1])]
    if len(outside):
        raise BalanceError(
            f"Expected published forces from {first:%Y-%m-%d} to {ends[-1]:%Y-%m-%d}, found one of "
            f"{outside['day'].iloc[0]:%Y-%m-%d} by '{outside['speaker'].iloc[0]}': leave it out or lengthen the flows."
        )
    days = told.groupby("speaker")["day"]
    apart = (days.transform("max") - days.transform("min")).dt.days
    kept = told[apart >= LEAST_MONTHS_APART * 30]
    if kept.empty:
        raise BalanceError(
            f"Expected a speaker with two published forces at least {LEAST_MONTHS_APART} months apart, found none: the "
            "accounts cannot be closed, set a return share."
        )
    return kept.reset_index(drop=True)


def _check_accounts(accounts: Accounts) -> None:
    draws, months = accounts.recruits.shape
    shapes = [one.shape for one in (accounts.killed, accounts.wounded)]
    if shapes != [(draws, months)] * 2 or len(accounts.ends) != months:
        raise BalanceError(
            f"Expected recruits, killed and wounded as draws by months of one shape, found {(draws, months)} and "
            f"{shapes} for {len(accounts.ends)} months: draw them together."
        )
    for name in ("recruits", "killed", "wounded", "exits", "new_unit_share"):
        if not (getattr(accounts, name) >= 0).all():
            raise BalanceError(f"Expected {name} of at least 0 in every draw, found less: flows count persons.")
