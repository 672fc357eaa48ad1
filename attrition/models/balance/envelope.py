"""The closed forms of the balance: one month at unchanged rates, on the back of an envelope.

Plain arithmetic, so that it can be repeated anywhere to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


class BalanceError(ValueError):
    """A balance cannot be drawn up from what was given."""


@dataclass(frozen=True)
class Arithmetic:
    """One month at unchanged rates, once as many wounded come back as will; numbers, or arrays where arrays were given.

    Attributes
    ----------
    killed, wounded : float
        Persons a month.
    irrecoverable : float
        Killed, and wounded who do not return, a month.
    irrecoverable_share : float
        The same over killed and wounded.
    net_monthly : float
        Change of the force in a month.
    break_even_return_share : float
        Share of the wounded who must return for the force to stay as it is; may lie outside 0 to 1.
    months_to_threshold : float
        Months until the force stands at the threshold; infinite if it does not fall.
    """

    killed: float
    wounded: float
    irrecoverable: float
    irrecoverable_share: float
    net_monthly: float
    break_even_return_share: float
    months_to_threshold: float


def arithmetic(
    force: float,
    recruits: float,
    casualties: float,
    wounded_per_killed: float,
    return_share: float,
    other_exits: float = 0.0,
    new_unit_share: float = 0.0,
    threshold: float = 0.0,
) -> Arithmetic:
    """Say what one month does to a force, what would hold it level, and when it would reach a threshold.

    Every argument is a number, or an array of draws; arrays have one length.

    Parameters
    ----------
    force, threshold : float
        Persons in the theatre today, and the strength that is asked about; the threshold lies below the force.
    recruits, casualties, other_exits : float
        Persons a month: who join, are killed or wounded, leave for any other reason (prisoners included).
    wounded_per_killed : float
        Wounded for one killed.
    return_share : float
        Share of the wounded who return to duty.
    new_unit_share : float
        Share of those who join that goes to units outside the theatre.

    Raises
    ------
    BalanceError
        For negative or infinite numbers, shares outside 0 to 1, casualties of nought, a threshold not below the force.

    Examples
    --------
    >>> found = arithmetic(700_000, 30_000, 35_000, 2.5, 0.5, threshold=600_000)
    >>> found.killed, found.wounded, found.irrecoverable, found.net_monthly
    (10000.0, 25000.0, 22500.0, 7500.0)
    >>> arithmetic(700_000, 30_000, 35_000, 2.5, 0.1, threshold=675_000).months_to_threshold
    10.0
    """
    check_shares(return_share=return_share, new_unit_share=new_unit_share)
    check_flows(force=force)
    check_threshold(threshold, force)
    staying = recruits * (1 - new_unit_share)
    level = break_even_return_share(casualties, staying, wounded_per_killed, other_exits)
    killed = casualties / (1 + wounded_per_killed)
    wounded = casualties - killed
    irrecoverable = killed + (1 - return_share) * wounded
    net = staying - irrecoverable - other_exits
    left = np.asarray(force - threshold + 0.0 * net)
    with np.errstate(over="ignore"):  # a force that all but stands still takes for ever
        months = np.divide(left, -np.asarray(net), out=np.full(left.shape, np.inf), where=np.asarray(net < 0))
    months = months if left.ndim else float(months)
    return Arithmetic(killed, wounded, irrecoverable, irrecoverable / casualties, net, level, months)


def break_even_return_share(
    casualties: float, recruits: float, wounded_per_killed: float, other_exits: float = 0.0
) -> float:
    """Share of the wounded who must return for the force to stay as it is: 1 - (R - K - D) / W.

    Below nought the force holds though nobody returns; above one it shrinks though everybody does.

    Examples
    --------
    >>> round(break_even_return_share(37_500, 30_000, 2.36), 3)
    0.285
    """
    check_flows(recruits=recruits, other_exits=other_exits)
    check_positive(casualties=casualties, wounded_per_killed=wounded_per_killed)
    killed = casualties / (1 + wounded_per_killed)
    return 1 - (recruits - killed - other_exits) / (casualties - killed)


def check_flows(**numbers) -> None:
    """Refuse numbers of persons that are negative or not finite."""
    for name, number in numbers.items():
        if not np.all(np.isfinite(number) & (np.asarray(number) >= 0)):
            raise BalanceError(
                f"Expected {name} of at least 0, found {worst(number)}: flows and forces count persons, and the sign "
                "is given by their name."
            )


def check_positive(**numbers) -> None:
    """Refuse numbers that are not above zero."""
    for name, number in numbers.items():
        if not np.all(np.isfinite(number) & (np.asarray(number) > 0)):
            raise BalanceError(
                f"Expected {name} above zero, found {worst(number)}: without it there is nothing to balance."
            )


def check_shares(**shares) -> None:
    """Refuse shares outside 0 to 1."""
    for name, share in shares.items():
        if not np.all((np.asarray(share) >= 0) & (np.asarray(share) <= 1)):
            raise BalanceError(
                f"Expected {name} between 0 and 1, found {worst(share, 0.5)}: divide a percentage by 100."
            )


def check_threshold(threshold: float, force) -> None:
    """Refuse a threshold that the force does not exceed today."""
    least = float(np.min(force))
    if not 0 <= threshold < least:
        raise BalanceError(
            f"Expected a threshold of at least 0 and below today's force of {least:,.0f}, found {threshold:,.0f}: "
            "choose a lower one."
        )


def worst(numbers, centre: float | None = None) -> str:
    """Name the number that is farthest out: one without end, else the lowest, or the farthest from a centre."""
    row = np.ravel(np.asarray(numbers, dtype=float))
    endless = row[~np.isfinite(row)]
    if len(endless):
        return f"{endless[0]:g}"
    return f"{row.min() if centre is None else row[np.abs(row - centre).argmax()]:g}"
