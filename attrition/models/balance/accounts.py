"""Published flows of one force, what is assumed about its published sizes, and what comes out of both together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attrition.models.balance.envelope import BalanceError

LEAST_DAYS_APART = 180  # between the first and the last figure of a speaker, to say anything about growth


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


@dataclass(frozen=True)
class Beliefs:
    """What is assumed before a published force is seen.

    Attributes
    ----------
    share_sd : float
        Spread of the return share around one half in the first stretch; with 0 to 1 as its limits.
    step_sd : float
        Change of the return share from one stretch of months to the next.
    stretch_months : int
        Months of one stretch.
    offset_share, memory_months : float
        How far a speaker's figures lie above or below the force, who counts others in or out, and how slowly that
        changes: figures so many months apart err alike by a correlation of 1/e.
    noise_share : float
        How far a single figure may lie off beyond that, rounding and day of counting included.
    """

    share_sd: float = 0.5
    step_sd: float = 0.15
    stretch_months: int = 6
    offset_share: float = 0.1
    memory_months: float = 36.0
    noise_share: float = 0.01


@dataclass(frozen=True, eq=False)
class Closure:
    """What must be true for the accounts to close, draw by draw.

    Attributes
    ----------
    return_share : array (draws, stretches)
        Share of those wounded in each stretch who return.
    irrecoverable_share, recent_share : arrays (draws,)
        Share of killed and wounded who do not return, over all months and over the last stretch.
    residual : array (draws,)
        Persons a month that the force gained beyond recruits less casualties, from the first figure to the last.
    stretch : array (months,)
        Number of the stretch that each month belongs to, from 0.
    rows : array (draws,)
        Row of the accounts that the draw takes.
    path : array (draws, months + 1)
        Force before the first month and at the end of each.
    closing : float
        Share of all draws whose accounts close with return shares from 0 to 1 and a force that is never below
        nobody; only these are kept.
    readings : DataFrame
        `speaker, day, value` as given, and what the accounts would have the speaker say: `fitted, lower, upper` (90 %).
    """

    return_share: np.ndarray
    irrecoverable_share: np.ndarray
    recent_share: np.ndarray
    residual: np.ndarray
    stretch: np.ndarray
    rows: np.ndarray
    path: np.ndarray
    closing: float
    readings: pd.DataFrame


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


def can_close(readings: pd.DataFrame) -> bool:
    """Whether any speaker has two figures far enough apart to say something about growth."""
    days = readings.groupby("speaker")["day"]
    return bool(((days.max() - days.min()).dt.days >= LEAST_DAYS_APART).any())


def sorted_readings(readings: pd.DataFrame, ends: pd.DatetimeIndex) -> pd.DataFrame:
    """Check published forces and put them in order of speaker and day."""
    told = readings[["speaker", "day", "value"]].sort_values(["speaker", "day"], kind="stable").reset_index(drop=True)
    first = ends[0] - pd.offsets.MonthEnd(1)
    outside = told[(told["day"] < first) | (told["day"] > ends[-1])]
    if len(outside):
        raise BalanceError(
            f"Expected published forces from {first:%Y-%m-%d} to {ends[-1]:%Y-%m-%d}, found one of "
            f"{outside['day'].iloc[0]:%Y-%m-%d} by '{outside['speaker'].iloc[0]}': leave it out or lengthen the flows."
        )
    if not can_close(told):
        raise BalanceError(
            f"Expected a speaker with two published forces at least {LEAST_DAYS_APART} days apart, found none: the "
            "accounts cannot be closed, set a return share."
        )
    return told


def check(accounts: Accounts) -> None:
    """Refuse arrays that do not fit together, and negative flows."""
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
