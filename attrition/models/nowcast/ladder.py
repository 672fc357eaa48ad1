"""The development of a reporting triangle by one step: expected additions, and draws around them.

The rule, its drift and what it may miss are told in `nowcast.develop`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from attrition.models.nowcast.triangle import NowcastError, Triangle

SPAN = 3.0  # additions at a third to three times the expected ones: the 90 % range of the prior, the limit of a drift
PRIOR_DEGREES = 2  # forecasts the prior is worth
LEAST_RESIDUALS = 6


@dataclass(frozen=True)
class Outlook:
    """Expected additions of the months that had ended by a vintage, and draws around them."""

    rows: np.ndarray
    verified: np.ndarray
    additions: np.ndarray
    draws: np.ndarray


def look_ahead(known: Triangle, at, drift, span, draws, seed):
    """Develop the vintage at a position by one step, seeing only it and those before."""
    rows = open_rows(known, at)
    expected, _ = _additions(known, at, drift)
    groups = known.groups(at)[rows]
    rng = np.random.default_rng(seed)
    noise = np.zeros((len(rows), draws))
    common = rng.random(draws)
    scatter, residuals = _scatter(known, at, expected)[rows], _residuals(known, at)
    for group in np.unique(groups):
        misses = _misses(known, at, drift, group)
        noise[groups == group] = _shock(misses, span, common)
        pool = residuals[group] if group in residuals else residuals[None]
        noise[groups == group] += scatter[groups == group, None] * rng.choice(
            pool, size=((groups == group).sum(), draws)
        )
    paths = expected[rows, None] * np.exp(noise)
    return Outlook(rows, known.counts[rows, at], expected[rows], paths)


def open_rows(known, at):
    """Positions of the months that had ended by a vintage."""
    rows = np.flatnonzero(known.ages[:, at] >= 0)
    bare = rows[known.counts[rows, at] <= 0]
    if len(bare):
        raise NowcastError(
            f"expected at least one name for every month that had ended, found none for {known.index[bare[0]]} in "
            f"'{known.vintages[at]}': leave the month out"
        )
    return rows


def _additions(known, at, drift):
    """Expected additions of each month from a vintage to the next, and whether its age was seen one step before."""
    ages, count = np.maximum(known.ages[:, at], 0), np.nan_to_num(known.counts[:, at])
    growth = known.growth(at - 1)
    plain = count * (fill(growth, ages, known.tail(at - 1)) - 1)
    groups, change = known.groups(at), np.ones(len(count))
    for group in np.unique(groups[groups >= 0]):
        change[groups == group] = _change(known, at, group)
    moved = (count + plain) * change**drift - count
    return np.clip(moved, plain / SPAN, plain * SPAN), ~np.isnan(growth[ages]) & (groups >= 0)


def fill(growth, ages, tail):
    """Growth at the given ages; between ages seen by interpolation, beyond the oldest by its pooled growth."""
    seen = np.flatnonzero(~np.isnan(growth))
    return np.interp(ages, seen, growth[seen], right=tail)


def _comparable(known, at, group):
    """Months whose age from the vintage before to this one was also seen one step earlier, in a step of age."""
    if at < 2:
        return np.zeros(len(known.counts), dtype=bool)
    ages = known.ages[:, at - 1]
    then, now = known.growth(at - 2)[np.maximum(ages, 0)], known.growth(at - 1)[np.maximum(ages, 0)]
    return (known.groups(at - 1) == group) & ~np.isnan(then) & ~np.isnan(now)


def _change(known, at, group):
    """Names of a vintage over those that the growth of the step before gives, for one step of age; 1 if unknown."""
    months = _comparable(known, at, group)
    if not months.any():
        return 1.0
    before = known.counts[months, at - 1]
    factors = known.growth(at - 2)[known.ages[months, at - 1]]
    return float(known.counts[months, at].sum() / (before * factors).sum())


def _misses(known, at, drift, group):
    """Log misses of the same rule at all vintages before, one each, where the rule could be used."""
    found = []
    for past in range(1, at):
        months = _comparable(known, past + 1, group)
        if months.any() and (drift == 0 or _comparable(known, past, group).any()):
            gained = (known.counts[months, past + 1] - known.counts[months, past]).sum()
            expected = _additions(known, past, drift)[0][months].sum()
            found.append(np.log(max(gained, 0.5) / expected))
    return np.array(found)


def _shock(misses, span, common):
    """Draws of what the rule misses, on the log scale."""
    prior = np.log(span) / stats.t.ppf(0.95, PRIOR_DEGREES)
    degrees = PRIOR_DEGREES + len(misses)
    scale = np.sqrt((PRIOR_DEGREES * prior**2 + (misses**2).sum()) / degrees) if span > 1 else 0.0
    return stats.t.ppf(common, degrees) * scale


def _residuals(known, at):
    """Log misses of single months around their step of age, in units of `_scatter`; under None those of all."""
    found = {}
    for past in range(1, at):
        expected, _ = _additions(known, past, 0.0)
        for group in range(known.groups(past).max() + 1):
            months = _comparable(known, past + 1, group)
            if months.sum() > 1:
                gained = np.maximum(known.counts[months, past + 1] - known.counts[months, past], 0.5)
                log = np.log(gained / expected[months])
                log = (log - log.mean()) * np.sqrt(len(log) / (len(log) - 1)) / _scatter(known, past, expected)[months]
                found.setdefault(int(group), []).extend(log)
    pools = {group: np.array(values) for group, values in found.items() if len(values) >= LEAST_RESIDUALS}
    pools[None] = np.concatenate(list(pools.values())) if pools else _roughness(known, at)
    return pools


def _scatter(known, at, expected):
    """How much more than the median month of its step of age a month's log additions scatter, from a half to twice.

    As if names came one by one: additions and names vary in the month and about as much in the one that gave the
    growth.
    """
    names = np.where(known.ages[:, at] >= 0, known.counts[:, at], np.nan)
    scatter = np.sqrt(1 / np.maximum(expected, 0.5) + 1 / np.maximum(names, 1.0))
    groups = known.groups(at)
    for group in range(groups.max() + 1):
        scatter[groups == group] /= np.median(scatter[groups == group])
    return np.clip(scatter, 0.5, 2.0)


def _roughness(known, at):
    """Scatter of log growth around that of the neighbouring ages, where no rule has a past yet."""
    log = np.log(known.growth(at - 1) - 1)
    rough = log[1:-1] - (log[:-2] + log[2:]) / 2
    rough = rough[~np.isnan(rough)] * np.sqrt(4 / 3)  # 1.5 error variances, where a miss has 2
    return np.r_[rough, -rough] if len(rough) else np.zeros(1)
