"""A rival to the ledger: losses depend on how many the opponent has, so that the larger side is favoured.

Lanchester's laws (1916, Aircraft in Warfare) with reinforcements, set so that losses today are those of today. It
answers what the ledger cannot: whether a shrinking force loses more for being smaller. It fits nothing.
"""

from __future__ import annotations

import numpy as np

from attrition.models.balance.envelope import BalanceError, check_shares


def two_sided(
    force,
    opponent,
    *,
    losses,
    opponent_losses,
    net,
    opponent_net=0.0,
    months: int,
    own_exponent: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Follow two forces that wear each other down and are reinforced at unchanged rates.

    Parameters
    ----------
    force, opponent : float or array (draws,)
        Persons of both sides today, above zero.
    losses, opponent_losses : float or array (draws,)
        Persons a month whom each side loses for good to the other today; at least 0.
    net, opponent_net : float or array (draws,)
        Change of each side in a month today, these losses included; what joins a side less what leaves it otherwise
        stays as it is.
    months : int
        Months to follow.
    own_exponent : float
        0: losses go with the opponent's number alone (aimed fire, the square law). 1: they also go with one's own
        number (fire at an area, the linear law).

    Returns
    -------
    pair of arrays (draws, months + 1)
        Both forces, today first; a side that reaches nobody stays there unless it is reinforced.

    Raises
    ------
    BalanceError
        For forces not above zero, negative losses, an exponent outside 0 to 1, fewer than one month.

    Examples
    --------
    >>> ours, theirs = two_sided(1000.0, 800.0, losses=20.0, opponent_losses=10.0, net=-5.0, months=2)
    >>> ours.round(2).tolist(), theirs.round(2).tolist()
    ([[1000.0, 995.0, 990.0]], [[800.0, 800.03, 800.1]])
    """
    check_shares(own_exponent=own_exponent)
    given = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, dtype=float)) for one in (force, opponent)))
    today = np.array(given)
    lost = np.array(
        [np.broadcast_to(np.asarray(one, dtype=float), today[0].shape) for one in (losses, opponent_losses)]
    )
    change = np.array([np.broadcast_to(np.asarray(one, dtype=float), today[0].shape) for one in (net, opponent_net)])
    _check(today, lost, months)
    inflow = change + lost

    def slope(now: np.ndarray) -> np.ndarray:
        size = np.maximum(now, 0.0) / today
        return inflow - lost * size[::-1] * size**own_exponent * (now > 0)

    path = np.empty((2, len(today[0]), months + 1))
    path[..., 0] = today
    for month in range(months):
        path[..., month + 1] = np.maximum(_step(slope, path[..., month]), 0.0)
    return path[0], path[1]


def _step(slope, now: np.ndarray) -> np.ndarray:
    """One month by the classical fourth-order method of Runge and Kutta."""
    first = slope(now)
    second = slope(now + first / 2)
    third = slope(now + second / 2)
    return now + (first + 2 * second + 2 * third + slope(now + third)) / 6


def _check(today: np.ndarray, lost: np.ndarray, months: int) -> None:
    if not (np.isfinite(today).all() and (today > 0).all()):
        raise BalanceError(f"Expected two forces above zero, found {today.min():g}: give persons on each side.")
    if not (np.isfinite(lost).all() and (lost >= 0).all()):
        raise BalanceError(f"Expected losses of at least 0 on both sides, found {lost.min():g}: give persons a month.")
    if months < 1:
        raise BalanceError(f"Expected at least one month, found {months!r}: follow the forces for longer.")
