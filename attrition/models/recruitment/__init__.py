"""How many are recruited, at what price, and what more of them would cost.

Totals that overlap become flows by month (`disaggregate`); prices become comparable (`bonuses`); recruits answer to the
price (`supply`). Which speaker's totals are put together is the chapter's choice: a family of totals that counts
another thing is another flow. No file is read here.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from attrition.models.recruitment import flows, screening
from attrition.models.recruitment.bonuses import by_month, days_of_months, panel, rate_on, standing
from attrition.models.recruitment.flows import System
from attrition.models.recruitment.outcome import Flow, Settings
from attrition.models.recruitment.pooled import Pooled, pool
from attrition.models.recruitment.supply import (
    Elasticity,
    answer_to_price,
    bill,
    break_even_bonus,
    elasticity,
    marginal_cost,
    quarters,
)
from attrition.models.recruitment.totals import RecruitmentError, Spread, from_rates, read
from attrition.models.stretches import Total, days_held

__all__ = [
    "Elasticity",
    "Flow",
    "Pooled",
    "RecruitmentError",
    "Settings",
    "Spread",
    "Total",
    "answer_to_price",
    "bill",
    "break_even_bonus",
    "by_month",
    "days_of_months",
    "disaggregate",
    "elasticity",
    "from_rates",
    "marginal_cost",
    "panel",
    "pool",
    "quarters",
    "rate_on",
    "standing",
]
MONTHS_A_STEP = {"MS": ("M", 1), "QS": ("Q", 3)}
MOST_PAIRS = 3  # of rivals whose every combination is drawn; beyond, combinations are drawn by lot
FEWEST_DRAWS = 100


def disaggregate(
    totals: pd.DataFrame, family, freq: str = "MS", *, settings: Settings | None = None, seed: int = 0
) -> Flow:
    """Find the monthly flow of people behind totals of periods that overlap.

    Parameters
    ----------
    totals : DataFrame
        Cited totals of flows, one a row: `period_start`, `period_end` (days, both counted), `low`, `central`, `high`
        (persons), and where known `bound` (exact, about, at_least, at_most), `measure` and `id`. Rates are turned into
        totals before (`from_rates`).
    family : str, list of str, or Series
        A measure, or several measures taken as one, whose rows are used; or a label for each row, and then each label
        has a lasting bias of its own and the flow is what they have in common.
    freq : str
        "MS" for months, "QS" for quarters.
    settings : Settings, optional
        Spreads, walk, level and number of draws.
    seed : int
        Start of the draws.

    Returns
    -------
    Flow

    Raises
    ------
    RecruitmentError
        For a period without its last day, a number that is missing or not above zero, no row of the family, an unknown
        frequency, and settings out of range.

    Notes
    -----
    The logarithm of the daily rate is a random walk by month; a total is the sum over its days, times the bias of its
    family, with its stated spread as error (`flows`). Floors are read as the last round number passed ("more than
    400,000" as 400,000 to 420,000), ceilings as the next one not reached; where the other rows put the sum beyond that
    on the allowed side, the row becomes a mere limit. Rows that the others rule out are reported, not averaged
    (`screening`). A month that the totals cover only in part is continued at its own rate.

    Examples
    --------
    >>> days = pd.to_datetime(["2030-01-01", "2030-01-01"]), pd.to_datetime(["2030-03-31", "2030-06-30"])
    >>> rows = pd.DataFrame({"period_start": days[0], "period_end": days[1], "central": [9_000.0, 27_000.0]})
    >>> flow = disaggregate(rows, "contracts")
    >>> [round(flow.total("2030-01-01", end).value, -2) for end in ("2030-03-31", "2030-06-30")]
    [9000.0, 27000.0]
    """
    settings = settings or Settings()
    _check_settings(settings, freq)
    readings = read(totals, family, settings.spread)
    days = _months(readings, freq)
    system = _system(readings, days, settings, MONTHS_A_STEP[freq][1])
    found = screening.screen(readings, system, settings.walk_sd)
    walk_sd = flows.solve(system.keep(np.array(found.kept)), settings.walk_sd).walk_sd
    best, states = _alternatives(system.press(found.press), found, walk_sd, settings.draws, np.random.default_rng(seed))
    table = _fitted(readings, system, found, best)
    months = len(days)
    rates, best_rates = np.exp(states[:, :months]), np.exp(best[:months])
    bias = _bias(readings, best[months:], states[:, months:], settings.level)
    contradictions = _contradictions(table, found)
    estimate = _estimate(best_rates, rates, days, settings.level)
    return Flow(estimate, table, contradictions, bias, walk_sd, settings, days, best_rates, rates)


def _check_settings(settings: Settings, freq: str) -> None:
    if freq not in MONTHS_A_STEP:
        raise RecruitmentError(f"Expected a frequency of {' or '.join(MONTHS_A_STEP)}, found {freq!r}: choose one.")
    if settings.draws < FEWEST_DRAWS:
        raise RecruitmentError(f"Expected at least {FEWEST_DRAWS} draws, found {settings.draws}: ask for more.")
    if not 0 < settings.level < 1:
        raise RecruitmentError(f"Expected a level between 0 and 1, found {settings.level!r}: give a share.")


def _months(readings: pd.DataFrame, freq: str) -> pd.Series:
    """Days of each whole month that any total touches, indexed by the first of them."""
    periods = pd.period_range(readings["start"].min(), readings["end"].max(), freq=MONTHS_A_STEP[freq][0])
    first = periods.start_time.normalize()
    return pd.Series((periods.end_time.normalize() - first).days + 1.0, index=pd.DatetimeIndex(first, name="month"))


def _system(readings: pd.DataFrame, days: pd.Series, settings: Settings, step: int) -> System:
    group, labels = pd.factorize(readings["family"])
    return System(
        days=days_held(readings["start"], readings["end"], days),
        log_value=np.log(readings["centre"].to_numpy()),
        sd=readings["sd"].to_numpy(),
        group=group,
        bias_sd=np.full(len(labels) if len(labels) > 1 else 0, settings.bias_sd),
        step=np.full(len(days) - 1, float(step)),
    )


def _alternatives(system: System, found, walk_sd: float, draws: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Best path through the rows kept, and draws with each rival of a pair in turn."""
    if len(found.pairs) <= MOST_PAIRS:
        choices = list(itertools.product([False, True], repeat=len(found.pairs)))
    else:
        choices = rng.random((2**MOST_PAIRS, len(found.pairs))) < 0.5
    states = []
    for part, turned in zip(np.array_split(np.arange(draws), len(choices)), choices, strict=True):
        rows = set(found.kept)
        for (row, rival), swap in zip(found.pairs, turned, strict=True):
            rows = (rows - {rival}) | {row} if swap else rows
        states.append(flows.sample(system.keep(np.array(sorted(rows))), walk_sd, len(part), rng))
    return flows.solve(system.keep(np.array(found.kept)), walk_sd).states, np.concatenate(states)


def _fitted(readings: pd.DataFrame, system: System, found, best: np.ndarray) -> pd.DataFrame:
    sums = np.exp(flows.fitted(system, best))
    status = np.full(len(readings), screening.USED, dtype=object)
    status[found.slack] = screening.SLACK
    status[list(found.aside)] = screening.ASIDE
    status[[row for row, _ in found.pairs]] = screening.RIVAL
    far = screening.residuals(readings, sums)
    return readings.drop(columns="sd").assign(fitted=sums, residual=far, status=status)


def _contradictions(table: pd.DataFrame, found) -> pd.DataFrame:
    rows = table.loc[list(found.aside)]
    against = ["" if rival is None else table["id"].iat[rival] for rival in found.aside.values()]
    named = rows.rename(columns={"centre": "stated", "fitted": "implied"}).assign(against=against)
    return named[["id", "against", "stated", "implied", "residual", "status"]].reset_index(drop=True)


def _bias(readings: pd.DataFrame, best: np.ndarray, draws: np.ndarray, level: float) -> pd.DataFrame:
    labels = pd.Index(pd.unique(readings["family"]), name="family")[: draws.shape[1]]
    limits = np.expm1(np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0))
    values = {"bias": np.expm1(best), "lower": limits[0], "upper": limits[1], "level": level}
    return pd.DataFrame(values, index=labels)


def _estimate(best: np.ndarray, rates: np.ndarray, days: pd.Series, level: float) -> pd.DataFrame:
    lower, upper = np.quantile(rates, [(1 - level) / 2, (1 + level) / 2], axis=0)
    limits = {"value": best, "lower": np.minimum(lower, best), "upper": np.maximum(upper, best)}
    return pd.DataFrame({name: rate * days for name, rate in limits.items()}, index=days.index).assign(level=level)
