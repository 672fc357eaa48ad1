"""How a list of names will have grown by its next vintage: chain ladder by age, with drift in the delay.

Names reach a list late, and how late changes. What a month gained in the last step at some age is what the next month
is expected to gain at that age; if the list has lately grown faster than that rule says, it is expected to do so again
(drift). Nothing here knows deaths that will never be named.
"""

import numpy as np
import pandas as pd

from attrition.models.nowcast.ladder import SPAN, fill, look_ahead, open_rows
from attrition.models.nowcast.triangle import NowcastError, read

__all__ = ["NowcastError", "develop", "record", "ultimate"]
CLOSED = 1.01  # growth in a step below which an age may be called closed


def develop(
    triangle: pd.DataFrame,
    drift: float = 1.0,
    *,
    level: float = 0.9,
    span: float = SPAN,
    by: str = "month",
    draws: int = 4000,
    seed: int = 0,
) -> pd.DataFrame:
    """Estimate the list as it will stand at its next vintage, from how it grew so far.

    Parameters
    ----------
    triangle : DataFrame, months × vintages
        Known counts, in names: a row for each month of death, a column for each vintage, rising and evenly spaced in
        time. Counts from before a month had ended are ignored. `triangle.read` says which labels are understood.
    drift : float
        Part of the last change in growth that is expected again, from 0 (plain chain ladder) to 1.
    level : float
        Level of the intervals, in (0, 1).
    span : float
        Prior on what the rule may miss: additions between 1/`span` and `span` times the expected ones, with a
        probability of 90 %. At 1 the rule is taken as exact and only the scatter of months remains.
    by : str
        "month", "step" (months of the same age, counted in steps) or "all".
    draws, seed : int
        Bootstrap draws, and their seed.

    Returns
    -------
    DataFrame
        `next, lower, upper, level, verified`: the expected count at the next vintage with its interval, and the count
        at the last vintage, below which `lower` never falls. One row for each month that had ended by the last
        vintage (index as given), or for each step of age (index `age`, 0 the youngest), or one for all.

    Raises
    ------
    NowcastError
        If the triangle cannot be read, a month has no name yet, or an option is out of range.

    Notes
    -----
    With f(a) the growth at age a in the last step, n names and d the change of growth, the next vintage is expected at
    n·f(a)·dˢ, s being `drift`. d is pooled over each step of age (the names of the last vintage over those that the
    growth of the step before would have given), known from the third vintage on, and 1 before. It may not change the
    additions by more than a factor `SPAN`. Ages not seen yet grow as the oldest half step of ages seen.

    Intervals multiply the additions, never the list. (1) What the rule misses for a whole step of age: Student's t
    with 2 + K degrees of freedom on the log scale, its variance being that of the prior, counted twice, averaged with
    the K squared misses of the same rule in the past. Ages share one draw. (2) What single months miss: bootstrap of
    their log misses around their step (Mack 1993, doi 10.2143/AST.23.2.2005092; Höhle & an der Heiden 2014, doi
    10.1111/biom.12194; McGough et al. 2020, doi 10.1371/journal.pcbi.1007735).

    Examples
    --------
    >>> months = ["2022-12", "2023-12"]
    >>> seen = pd.DataFrame({"end_2022": [100.0, 0], "end_2023": [150.0, 200]}, index=months)
    >>> develop(seen)["next"].tolist()
    [225.0, 300.0]
    """
    _check_options(drift, level, span, draws)
    known = read(triangle)
    outlook = look_ahead(known, len(known.vintages) - 1, drift, span, draws, seed)
    return _summarise(outlook, *_labels(known, outlook, by), level)


def record(
    triangle: pd.DataFrame, drifts=(0.0, 1.0), *, level: float = 0.9, draws: int = 4000, seed: int = 0
) -> pd.DataFrame:
    """Issue the estimate again at each past vintage, from what was known then, and hold it to the next one.

    Parameters
    ----------
    triangle, level, draws, seed
        As for `develop`; at least three vintages.
    drifts : sequence of float
        Rules to try.

    Returns
    -------
    DataFrame
        One row for each past vintage, rule and `months` ("newest": those that ended within the last step, or "all"):
        `issued, target` (labels of vintages), `drift, drift_known` (False while only two vintages exist and every
        rule is the plain one), `months, verified, next, lower, upper, level, truth, error` (next over truth, minus 1),
        `hit` (truth inside the interval).
    """
    known = read(triangle)
    if len(known.vintages) < 3:
        raise NowcastError(f"expected at least three vintages to score the past, found {len(known.vintages)}: wait")
    rows = []
    for at in range(1, len(known.vintages) - 1):
        for drift in drifts:
            _check_options(drift, level, SPAN, draws)
            outlook = look_ahead(known, at, drift, SPAN, draws, seed)
            truth = known.counts[outlook.rows, at + 1]
            issue = {"issued": known.vintages[at], "target": known.vintages[at + 1], "drift": float(drift)}
            newest = np.where(known.groups(at)[outlook.rows] == 0, 0, -1)
            for months, codes in (("newest", newest), ("all", np.zeros_like(newest))):
                row = _summarise(outlook, codes, pd.RangeIndex(1), level).iloc[0]
                rows.append({**issue, "drift_known": at > 1, "months": months, **row, "truth": truth[codes == 0].sum()})
    table = pd.DataFrame(rows)
    inside = table["truth"].between(table["lower"], table["upper"])
    return table.assign(error=table["next"] / table["truth"] - 1, hit=inside)


def ultimate(triangle: pd.DataFrame, *, closed: float = CLOSED) -> pd.DataFrame:
    """Carry every month on to the oldest age seen, if the list hardly grows any more there.

    Parameters
    ----------
    triangle : DataFrame
        As for `develop`.
    closed : float
        Largest growth in a step at which the oldest ages count as closed.

    Returns
    -------
    DataFrame
        `ultimate, verified` for each month: names at the end by plain chain ladder with the growth of the last step.
        There is no interval: drift beyond one step cannot be known, so this is a scenario of unchanged delays.

    Raises
    ------
    NowcastError
        If the list still grows at its oldest ages; how many names there will be at last is then not in the triangle.
    """
    known = read(triangle)
    last = len(known.vintages) - 1
    growth, tail = known.growth(last - 1), known.tail(last - 1)
    if tail > closed:
        raise NowcastError(
            f"expected growth below {closed - 1:.1%} a step at the oldest ages to carry a list to its end, found "
            f"{tail - 1:.1%} from '{known.vintages[-2]}' to '{known.vintages[-1]}': its end cannot be known from "
            f"{last + 1} vintages"
        )
    rows = open_rows(known, last)
    total = known.counts[rows, last].copy()
    oldest = int(np.flatnonzero(~np.isnan(growth)).max())
    for steps in range(oldest // known.step + 1):
        ages = known.ages[rows, last] + steps * known.step
        total *= np.where(ages <= oldest, fill(growth, ages, tail), 1.0)
    frame = {"ultimate": total, "verified": known.counts[rows, last]}
    return pd.DataFrame(frame, index=known.index[rows])


def _labels(known, outlook, by):
    if by == "month":
        return np.arange(len(outlook.rows)), known.index[outlook.rows]
    if by not in ("step", "all"):
        raise NowcastError(f"expected by 'month', 'step' or 'all', found {by!r}: choose one")
    groups = known.groups(len(known.vintages) - 1)[outlook.rows] if by == "step" else np.zeros(len(outlook.rows), int)
    kept, codes = np.unique(groups, return_inverse=True)
    return codes, pd.Index(kept, name="age") if by == "step" else pd.Index(["all"])


def _summarise(outlook, codes, index, level):
    rows = []
    for code in range(len(index)):
        member = codes == code
        verified, draws = outlook.verified[member].sum(), outlook.draws[member].sum(axis=0)
        lower, upper = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
        rows.append((verified + outlook.additions[member].sum(), verified + lower, verified + upper, level, verified))
    return pd.DataFrame(rows, columns=["next", "lower", "upper", "level", "verified"], index=index)


def _check_options(drift, level, span, draws):
    for name, value, good, wanted in (
        ("drift", drift, 0 <= drift <= 1, "a drift from 0 to 1"),
        ("level", level, 0 < level < 1, "a level between 0 and 1, both excluded"),
        ("span", span, 1 <= span < np.inf, "a span of 1 or more"),
        ("draws", draws, draws >= 100, "at least 100 draws"),
    ):
        if not good:
            raise NowcastError(f"expected {wanted}, found {name} {value!r}: choose in this range")
