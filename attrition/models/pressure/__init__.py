"""Pressure on a state that wages war: what its oil earns, what an event changed, what a lost buyer costs.

What controlled goods cost more (`premium`), how long stocks last (`counts`, `depletion`), and whether pressures
compound (`interaction`, `composite`) are modules of their own.
"""

from attrition.models.pressure.counterfactual import (
    Cost,
    Market,
    Spread,
    Stop,
    split,
    spread,
    stop_buying,
)
from attrition.models.pressure.faults import PressureError
from attrition.models.pressure.interruption import Interruption, inside, interrupt, one_family
from attrition.models.pressure.revenue import Effect, RevenueFit, fit, hac_lag, touched
from attrition.models.pressure.skill import judge, roll
from attrition.models.pressure.spending import (
    ONE_FOR_ONE,
    proportional,
    recruits_from_money,
    recruits_from_price,
)

__all__ = [
    "ONE_FOR_ONE",
    "Cost",
    "Effect",
    "Interruption",
    "Market",
    "PressureError",
    "RevenueFit",
    "Spread",
    "Stop",
    "fit",
    "hac_lag",
    "inside",
    "interrupt",
    "judge",
    "one_family",
    "proportional",
    "recruits_from_money",
    "recruits_from_price",
    "roll",
    "split",
    "spread",
    "stop_buying",
    "touched",
]
