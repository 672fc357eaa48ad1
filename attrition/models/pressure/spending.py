"""From money to recruits: what is recruited less, or more, when a state has less, or more.

Money becomes recruits only under an assumption, how much of a shortfall is cut from recruiting (`pass_through`): all of
it is an upper bound, recruiting's share of spending is a proportional cut. A rouble lost is not by itself a recruit
lost, so there is no default.
"""

from __future__ import annotations

import numpy as np

from attrition.models.pressure.checks import check_positive, check_share
from attrition.models.pressure.faults import PressureError

ONE_FOR_ONE = 1.0  # the whole shortfall is cut from recruiting: an upper bound, not a forecast
BILLION = 1e9


def proportional(recruits, cost_per_recruit_rub, spending_bn):
    """Share of a month's spending that goes into recruiting: the pass-through of a cut that hits all alike.

    Parameters
    ----------
    recruits, cost_per_recruit_rub, spending_bn
        People a month, roubles each, billion roubles a month in all.

    Raises
    ------
    PressureError
        If recruiting costs more than all spending, or a number is not above zero.

    Examples
    --------
    >>> proportional(35_000, 2_000_000, 3500)
    0.02
    """
    for name, number in (("recruits", recruits), ("cost", cost_per_recruit_rub), ("spending", spending_bn)):
        check_positive(name, number)
    share = recruits * cost_per_recruit_rub / BILLION / spending_bn
    if np.any(share > 1):
        raise PressureError(
            f"Expected recruiting to cost less than all spending, found a share of {np.max(share):g}: check the units."
        )
    return share


def recruits_from_money(change_bn, *, recruits, cost_per_recruit_rub, elasticity, pass_through):
    """Change of recruits a month if the money for them changes, at a supply of constant elasticity.

    Parameters
    ----------
    change_bn : float or array
        Change of revenue, billion roubles a month; negative for a loss.
    recruits, cost_per_recruit_rub : float or array
        Recruits a month now, and roubles paid for each.
    elasticity : float or array
        Percent more recruits for one percent more pay, above zero.
    pass_through : float or array
        Share, 0 to 1, of the change that reaches recruiting: `ONE_FOR_ONE` as an upper bound, or `proportional`.

    Returns
    -------
    float or ndarray
        With S = recruits × cost the new number is recruits × (1 + pass_through × change / S)^(ε / (1 + ε)), none if the
        money is gone. For a small change this is the change divided by the marginal cost, cost × (1 + 1/ε).

    Raises
    ------
    PressureError
        For numbers that are not above zero and shares outside 0 to 1.

    Examples
    --------
    >>> options = {"recruits": 35_000, "cost_per_recruit_rub": 2e6, "elasticity": 1.0}
    >>> round(float(recruits_from_money(-0.07, pass_through=1.0, **options)), 1)
    -17.5
    >>> round(float(recruits_from_money(-100, pass_through=1.0, **options)))
    -35000
    """
    for name, number in (("recruits", recruits), ("cost", cost_per_recruit_rub), ("elasticity", elasticity)):
        check_positive(name, number)
    check_share("pass_through", pass_through)
    spent = np.multiply(recruits, cost_per_recruit_rub) / BILLION
    left = np.maximum(1 + np.multiply(pass_through, change_bn) / spent, 0.0)
    return recruits * (left ** np.divide(elasticity, np.add(1, elasticity)) - 1)


def recruits_from_price(
    change_usd, *, rub_per_usd, revenue_per_rub, recruits, cost_per_recruit_rub, elasticity, pass_through
):
    """Change of recruits a month if the export price changes for good.

    Parameters
    ----------
    change_usd : float or array
        Dollars a barrel.
    rub_per_usd, revenue_per_rub
        Roubles a dollar, and billion roubles of revenue a month for one rouble a barrel (`RevenueFit.lasting`).
    recruits, cost_per_recruit_rub, elasticity, pass_through
        As `recruits_from_money` takes them; there is no default for `pass_through`, because it is a choice of the
        state and not a finding.

    Examples
    --------
    >>> now = {"recruits": 35_000, "cost_per_recruit_rub": 2e6, "elasticity": 0.5}
    >>> oil = {"rub_per_usd": 80.0, "revenue_per_rub": 0.125}
    >>> round(float(recruits_from_price(-10, pass_through=0.02, **now, **oil)))
    -337
    """
    money = np.multiply(change_usd, rub_per_usd) * revenue_per_rub
    options = {"recruits": recruits, "cost_per_recruit_rub": cost_per_recruit_rub, "elasticity": elasticity}
    return recruits_from_money(money, pass_through=pass_through, **options)
