"""What a balance is run with: numbers, ranges or draws, and how they become draws that belong together."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from attrition.models.balance.envelope import BalanceError, check_flows, check_shares

MOST_MONTHS = 240  # that can be followed
REACH_90 = 1.6448536269514722  # standard normal quantile of 95 %
Quantity = "float | tuple[float, float, float] | np.ndarray"


@dataclass(frozen=True, eq=False)
class Parameters:
    """What the balance is run with. Every quantity is a number, a range (low, central, high) or an array of draws.

    A range is read as the 5 %, 50 % and 95 % quantiles of a two-piece normal distribution, cut at what is possible.
    Arrays of draws have one length and belong together row by row: a draw takes the same row of each, so that what
    goes together in them stays together.

    Attributes
    ----------
    force : persons in the theatre at the start
    recruits, casualties : persons a month who join, and who are killed or wounded, at the start
    wounded_per_killed : wounded for one killed
    return_share : share of the wounded who return to duty
    other_exits, captured : persons a month who leave for other reasons, and who are taken prisoner
    new_unit_share : share of those who join that goes to units outside the theatre
    lag_months, lag_shape : mean and shape of the gamma distribution of the months until a wounded person returns
    recruits_step_sd, casualties_step_sd : standard deviation of the change of their logarithms from month to month
    memory_months : months after which 1/e is left of a departure from today's rates; infinite for a random walk
    """

    force: Quantity
    recruits: Quantity
    casualties: Quantity
    wounded_per_killed: Quantity
    return_share: Quantity
    other_exits: Quantity = 0.0
    captured: Quantity = 0.0
    new_unit_share: Quantity = 0.0
    lag_months: float = 3.0
    lag_shape: float = 2.0
    recruits_step_sd: float = 0.0
    casualties_step_sd: float = 0.0
    memory_months: float = np.inf


QUANTITIES = tuple(one.name for one in fields(Parameters))[:8]
SHARES = ("return_share", "new_unit_share")


def draw_inputs(parameters: Parameters, draws: int, rng) -> dict[str, np.ndarray]:
    """Draw every quantity; rows of arrays are drawn together."""
    given = {name: getattr(parameters, name) for name in QUANTITIES}
    lengths = {name: len(one) for name, one in given.items() if isinstance(one, np.ndarray)}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise BalanceError(f"Expected arrays of draws of one length, found {found}: draw them together.")
    size = next(iter(lengths.values()), 1)
    rows = np.arange(draws) % size if draws <= size else rng.integers(size, size=draws)
    return {name: _quantity(name, one, draws, rows, rng) for name, one in given.items()}


def _quantity(name: str, given, draws: int, rows: np.ndarray, rng) -> np.ndarray:
    if isinstance(given, np.ndarray):
        drawn = given[rows].astype(float)
    elif isinstance(given, tuple):
        drawn = _two_piece(name, given, draws, rng)
    else:
        drawn = np.full(draws, float(given))
    return _checked(name, drawn)


def _two_piece(name: str, given: tuple, draws: int, rng) -> np.ndarray:
    low, central, high = given
    if not low <= central <= high:
        raise BalanceError(
            f"Expected {name} as low, central, high in rising order, found {given!r}: put the three in order."
        )
    _checked(name, np.array(given, dtype=float))
    scores = rng.standard_normal(draws) / REACH_90
    drawn = central + np.where(scores < 0, central - low, high - central) * scores
    return np.clip(drawn, 0.0, 1.0) if name in SHARES else np.maximum(drawn, 0.0)


def _checked(name: str, drawn: np.ndarray) -> np.ndarray:
    (check_shares if name in SHARES else check_flows)(**{name: drawn})
    return drawn


def check_size(months: int, draws: int) -> None:
    """Refuse a horizon or a number of draws that cannot be."""
    if not isinstance(months, (int, np.integer)) or not 1 <= months <= MOST_MONTHS:
        raise BalanceError(
            f"Expected a horizon of 1 to {MOST_MONTHS} months, found {months!r}: nobody can say more, ask for less."
        )
    if not isinstance(draws, (int, np.integer)) or draws < 1:
        raise BalanceError(f"Expected at least one draw, found {draws!r}: give a whole number from 1 on.")


def check_steps(parameters: Parameters) -> None:
    """Refuse movements that cannot be."""
    if not parameters.memory_months > 0:
        raise BalanceError(
            f"Expected memory_months above zero, found {parameters.memory_months!r}: give months, infinite for a "
            "random walk."
        )
    for name in ("recruits_step_sd", "casualties_step_sd"):
        if not 0 <= getattr(parameters, name) <= 1:
            raise BalanceError(
                f"Expected {name} between 0 and 1, found {getattr(parameters, name)!r}: give the standard deviation of "
                "a month's change of the logarithm."
            )
