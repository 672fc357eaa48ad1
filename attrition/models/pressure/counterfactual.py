"""What it costs a seller and its budget if a buyer stops, under stated assumptions.

Two sums of money are kept apart. Export revenue is what buyers pay the sellers. Budget revenue is what the state takes,
by the coefficient of the revenue regression: a lower price lowers the tax on every barrel produced, whoever buys it; a
barrel that is not sold, and so not produced, pays no tax at all. What the money is in recruits is asked in `spending`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attrition.definitions import DAYS_PER_MONTH
from attrition.models.pressure.checks import check_positive, check_share
from attrition.models.pressure.faults import PressureError
from attrition.models.pressure.revenue import LEVEL

SUM_NOISE = 1e-9
BILLION = 1e9


@dataclass(frozen=True)
class Stop:
    """A buyer stops: what is assumed.

    Attributes
    ----------
    share_lost : float
        Share, 0 to 1, of what the buyer takes that falls away.
    share_resold : float
        Share, 0 to 1, of what falls away that others buy; the rest is not sold and not produced.
    extra_discount_usd : float
        Dollars a barrel, 0 or more, by which the price of everything that is sold falls.
    """

    share_lost: float
    share_resold: float
    extra_discount_usd: float

    def __post_init__(self) -> None:
        for name in ("share_lost", "share_resold"):
            check_share(name, getattr(self, name))
        if not 0 <= self.extra_discount_usd < np.inf:
            raise PressureError(
                f"Expected an extra discount of 0 dollars or more, found {self.extra_discount_usd:g}: give "
                "dollars a barrel by which the price falls."
            )

    @property
    def shares(self) -> dict[str, float]:
        """What becomes of the buyer's barrels: `kept`, `resold` and `unsold`, adding to one."""
        resold = self.share_lost * self.share_resold
        return {"kept": 1 - self.share_lost, "resold": resold, "unsold": self.share_lost - resold}


@dataclass(frozen=True)
class Market:
    """What is sold, at which price, and what the state takes; numbers or arrays of one length (draws).

    Attributes
    ----------
    bought_kbd, exported_kbd, produced_kbd
        Thousand barrels a day: by the buyer, exported in all, produced in all.
    price_usd, rub_per_usd
        Dollars a barrel and roubles a dollar.
    revenue_per_rub
        Billion roubles of budget revenue a month for one rouble a barrel (`RevenueFit.lasting`).
    """

    bought_kbd: float | np.ndarray
    exported_kbd: float | np.ndarray
    produced_kbd: float | np.ndarray
    price_usd: float | np.ndarray
    rub_per_usd: float | np.ndarray
    revenue_per_rub: float | np.ndarray

    @property
    def budget_share(self) -> float | np.ndarray:
        """Share of one more rouble on a barrel that the budget takes, on average over all barrels produced."""
        return self.revenue_per_rub / _billion_barrels(self.produced_kbd)


@dataclass(frozen=True)
class Cost:
    """Billion roubles a month: what sellers and the budget lose, each by barrels not sold and by the lower price."""

    export_by_volume: float | np.ndarray
    export_by_price: float | np.ndarray
    budget_by_volume: float | np.ndarray
    budget_by_price: float | np.ndarray

    @property
    def export(self) -> float | np.ndarray:
        """Export revenue lost."""
        return self.export_by_volume + self.export_by_price

    @property
    def budget(self) -> float | np.ndarray:
        """Budget revenue lost."""
        return self.budget_by_volume + self.budget_by_price


@dataclass(frozen=True)
class Spread:
    """Median and central interval of a distribution: `value`, `lower`, `upper` at `level`."""

    value: float
    lower: float
    upper: float
    level: float


def stop_buying(scenario: Stop, market: Market) -> Cost:
    """Work out what a seller and its budget lose in a month if a buyer stops.

    With q barrels a month bought, Q exported, N produced, price P and extra discount d in roubles, and the share
    u = lost × (1 − resold), export revenue falls by u·q·P + (Q − u·q)·d. With the coefficient b the budget takes the
    share b/N of the price of a barrel produced, so its revenue falls by (b/N)·u·q·P + b·d·(1 − u·q/N). The discount is
    taken to enter the price that taxes are set by, and costs of production are not counted.

    Raises
    ------
    PressureError
        If a quantity is not above zero, more is bought than exported or more exported than produced, or the discount
        leaves nothing of the price.

    Examples
    --------
    >>> market = Market(1000, 4000, 10_000, price_usd=50, rub_per_usd=80, revenue_per_rub=0.15)
    >>> lost = stop_buying(Stop(1.0, 1.0, extra_discount_usd=10), market)
    >>> round(float(lost.export), 2), round(float(lost.budget), 2)
    (97.4, 120.0)
    """
    _check_market(market)
    if np.any(scenario.extra_discount_usd >= np.asarray(market.price_usd)):
        raise PressureError(
            f"Expected an extra discount below the price of {np.min(market.price_usd):g} dollars, found "
            f"{scenario.extra_discount_usd:g}: lower the discount or raise the price."
        )
    unsold = scenario.shares["unsold"] * _billion_barrels(market.bought_kbd)
    exported, produced = _billion_barrels(market.exported_kbd), _billion_barrels(market.produced_kbd)
    price, discount = market.price_usd * market.rub_per_usd, scenario.extra_discount_usd * market.rub_per_usd
    return Cost(
        export_by_volume=unsold * price,
        export_by_price=(exported - unsold) * discount,
        budget_by_volume=market.budget_share * unsold * price,
        budget_by_price=market.revenue_per_rub * discount * (1 - unsold / produced),
    )


def split(volume: float, shares: Mapping[str, float]) -> dict[str, float]:
    """Split a volume among shares that add to one.

    >>> split(1600, {"kept": 0.25, "resold": 0.5, "unsold": 0.25})
    {'kept': 400.0, 'resold': 800.0, 'unsold': 400.0}

    Raises
    ------
    PressureError
        If a share lies outside 0 to 1 or the shares do not add to one.
    """
    for name, share in shares.items():
        check_share(name, share)
    total = sum(shares.values())
    if abs(total - 1) > SUM_NOISE:
        told = ", ".join(f"{name} {share:g}" for name, share in shares.items())
        raise PressureError(f"Expected shares that add to one, found {told}, together {total:g}: correct one of them.")
    return {name: volume * share for name, share in shares.items()}


def spread(draws, level: float = LEVEL) -> Spread:
    """Summarise draws by their median and central interval.

    Raises
    ------
    PressureError
        If a draw is not a number.
    """
    if not np.isfinite(draws).all():
        raise PressureError("Expected draws that are numbers, found some that are not: check what was divided by zero.")
    lower, middle, upper = np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Spread(float(middle), float(lower), float(upper), level)


def _billion_barrels(kbd):
    """Thousand barrels a day as billion barrels a month."""
    return np.multiply(kbd, 1e3 * DAYS_PER_MONTH / BILLION)


def _check_market(market: Market) -> None:
    for name in ("bought_kbd", "exported_kbd", "produced_kbd", "price_usd", "rub_per_usd"):
        check_positive(name, getattr(market, name))
    order = market.bought_kbd, market.exported_kbd, market.produced_kbd
    if np.any(np.greater(order[0], order[1])) or np.any(np.greater(order[1], order[2])):
        told = ", ".join(f"{np.max(one):g}" for one in order)
        raise PressureError(f"Expected bought, exported and produced barrels to rise, found {told}: check their units.")
