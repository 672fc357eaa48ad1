"""From accounts to today's rates: close them where published forces allow it, and read off the last months.

Every chapter with a balance takes these steps; the same calls with the same seed give the same rates to the last
digit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attrition.models.balance.accounts import Accounts, Beliefs, Closure, can_close
from attrition.models.balance.closure import close
from attrition.models.balance.envelope import BalanceError
from attrition.models.balance.published import TODAY_MONTHS

FORCE_SPREAD = 0.1  # of a published force, where nothing closes
# Beliefs with which a closure is repeated: a share that changes slower or faster, a memory shorter or longer.
OTHER_BELIEFS = ({"step_sd": 0.1}, {"step_sd": 0.2}, {"memory_months": 12.0}, {"memory_months": 120.0})


@dataclass(frozen=True, eq=False)
class Books:
    """Accounts after the attempt to close them.

    Attributes
    ----------
    accounts : Accounts
    closures : tuple of Closure
        With the first beliefs, then with each of `OTHER_BELIEFS`; empty where forces cannot close them.
    rows : array (kept,)
        Rows of the accounts that were kept; all, where nothing closes.
    return_share : array (kept, months)
    force : array (kept, months + 1)
        Force at the end of each month, the start first; one column where nothing closes.
    """

    accounts: Accounts
    closures: tuple[Closure, ...]
    rows: np.ndarray
    return_share: np.ndarray
    force: np.ndarray = field(repr=False)

    @property
    def killed(self) -> np.ndarray:
        """Killed by month in the draws kept."""
        return self.accounts.killed[self.rows]

    @property
    def wounded(self) -> np.ndarray:
        """Wounded by month in the draws kept."""
        return self.accounts.wounded[self.rows]

    @property
    def lost(self) -> np.ndarray:
        """Killed, and wounded who do not return, by month in the draws kept."""
        return self.killed + (1 - self.return_share) * self.wounded

    def today(self) -> dict[str, np.ndarray]:
        """Today's rates by draw, under the names that `arithmetic` and `Parameters` use."""
        return rates(self.accounts, self.rows, self.return_share[:, -1], self.force[:, -1])

    def otherwise(self) -> list[dict[str, np.ndarray]]:
        """The same for each closure, the first one included, with a force of one; today's where nothing closes."""
        told = [rates(self.accounts, one.rows, one.return_share[:, -1], 1.0) for one in self.closures]
        return told or [self.today()]


def settle(accounts: Accounts, forces: pd.DataFrame, rng: np.random.Generator, *, seed: int) -> Books:
    """Close the accounts if published forces allow it; otherwise leave every return share possible.

    Parameters
    ----------
    accounts : Accounts
    forces : DataFrame
        From `published_forces`.
    rng : numpy Generator
        Used only where nothing closes.
    seed : int
        Start of each closure.

    Raises
    ------
    BalanceError
        If no force is published at all, and as `close` does.
    """
    if can_close(forces):
        beliefs = [{}, *OTHER_BELIEFS]
        closures = tuple(close(accounts, forces, Beliefs(**one), seed=seed) for one in beliefs)
        first = closures[0]
        return Books(accounts, closures, first.rows, first.return_share[:, first.stretch], first.path)
    if forces.empty:
        raise BalanceError("Expected at least one published force, found none: choose a later cutoff.")
    draws, months = accounts.recruits.shape
    share = np.repeat(rng.uniform(0, 1, (draws, 1)), months, axis=1)
    last = forces["value"].iloc[-1]
    force = np.abs(last * (1 + FORCE_SPREAD * rng.standard_normal((draws, 1))))
    return Books(accounts, (), np.arange(draws), share, force)


def rates(accounts: Accounts, rows: np.ndarray, return_share, force) -> dict[str, np.ndarray]:
    """Mean rates of the last `TODAY_MONTHS` in some rows of the accounts, with their force and return share."""
    killed, wounded, joining = (
        flow[rows, -TODAY_MONTHS:].mean(axis=1) for flow in (accounts.killed, accounts.wounded, accounts.recruits)
    )
    flows = {"recruits": joining, "casualties": killed + wounded, "wounded_per_killed": wounded / killed}
    others = {"other_exits": accounts.exits[rows], "new_unit_share": accounts.new_unit_share[rows]}
    return {"force": force, **flows, "return_share": return_share, **others}


def movement(accounts: Accounts, months: int = 24, memory_months: float = 12.0) -> dict[str, float]:
    """How rates have wandered from month to month, under the names that `Parameters` uses.

    The standard deviation of the steps of the logarithm of the median path, over the last months.
    """
    flows = {"recruits": accounts.recruits, "casualties": accounts.killed + accounts.wounded}
    steps = {name: np.diff(np.log(np.median(one, axis=0)))[-months:].std() for name, one in flows.items()}
    return {f"{name}_step_sd": float(sd) for name, sd in steps.items()} | {"memory_months": memory_months}
