"""Tests against the joint estimate of killed and casualties, alone or with published figures beside it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from attrition.models.claims import odds
from attrition.models.claims.basis import Basis, Claim, ClaimError, Verdict, period, unknown
from attrition.models.claims.published import chosen

DAYS_A_MONTH = 30.4375


def estimate(claim: Claim, basis: Basis, counts: str, span: str, per: str = "whole") -> Verdict:
    """Set a claim against the estimate of killed or casualties over a span.

    `per` is "month" for a monthly rate, else the whole span is meant.
    """
    ends = period(basis, claim, span)
    late = _late(basis, ends)
    if late:
        return late
    total = basis.estimate(counts, *ends)
    factor = DAYS_A_MONTH / ((ends[1] - ends[0]).days + 1) if per == "month" else 1.0
    told = _told(total, factor) | {"counts": counts, "start": ends[0], "end": ends[1], "per": per}
    return Verdict(odds.inside(odds.of_total(total) * factor, odds.aim(claim)), told=told)


def wounded(claim: Claim, basis: Basis, span: str, most: str) -> Verdict:
    """Find how likely the wounded for one killed, over a span, were at most so many."""
    ends = period(basis, claim, span)
    late = _late(basis, ends)
    if late:
        return late
    ratio = basis.wounded(*ends)
    told = _told(ratio, 1.0) | {"start": ends[0], "end": ends[1], "most": float(most)}
    return Verdict(odds.inside(odds.of_total(ratio), (0.0, float(most))), told=told)


def rising(claim: Claim, basis: Basis, counts: str, months: str) -> Verdict:
    """Find how likely the rate of the months before the claim was above that of as many months before them.

    The errors of the two halves are taken as independent; a family that errs alike in both cancels, so the probability
    is drawn towards one half.
    """
    recent = period(basis, claim, f"{months} months")
    last = recent[0] - pd.Timedelta(days=1)
    earlier = (last.to_period("M") - int(months) + 1).start_time, last
    if earlier[0] < basis.start:
        return unknown("the war had not lasted long enough by then")
    late = _late(basis, recent)
    if late:
        return late
    totals = [basis.estimate(counts, *ends) for ends in (earlier, recent)]
    days = [(ends[1] - ends[0]).days + 1 for ends in (earlier, recent)]
    rates = [odds.of_total(total, seed=at) / n for at, (total, n) in enumerate(zip(totals, days, strict=True))]
    told = {"counts": counts, "months": int(months), "end": recent[1]}
    told |= {name: t.value * DAYS_A_MONTH / n for name, t, n in zip(("old", "new"), totals, days, strict=True)}
    return Verdict(float(np.mean(rates[1] > rates[0])), told=told)


def exceeds(
    claim: Claim, basis: Basis, counts: str, span: str, measure: str, side: str, parties: str = "no"
) -> Verdict:
    """Find how likely losses over a span were above the published numbers of those who joined in it."""
    ends = period(basis, claim, span)
    late = _late(basis, ends)
    if late:
        return late
    rows = chosen(basis, claim, measure=measure, side=side, parties=parties)
    rows = rows[(rows["period_start"] == ends[0]) & (abs((rows["period_end"] - ends[1]).dt.days) <= 7)]
    months = ((ends[1] - ends[0]).days + 1) / DAYS_A_MONTH
    factors = [months if "_per_month" in name else 1.0 for name in rows["measure"]]
    joined = [odds.of_figure(row, factor)[0] for (_, row), factor in zip(rows.iterrows(), factors, strict=True)]
    rows = rows[[one is not None for one in joined]]
    joined = [one for one in joined if one is not None]
    if not joined:
        return unknown("nobody published how many joined in that time")
    lost = odds.of_total(basis.estimate(counts, *ends), seed=1)
    rows = rows.assign(probability=[float(np.mean(lost > one)) for one in joined])
    told = _told(basis.estimate(counts, *ends), 1.0) | {"counts": counts, "start": ends[0], "end": ends[1]}
    middles = [float(np.median(one)) for one in joined]
    told |= {"least": min(middles), "most": max(middles)}
    return Verdict(odds.by_families(rows), told=told, rows=tuple(rows["id"]))


def ratio(
    claim: Claim,
    basis: Basis,
    counts: str,
    measure: str,
    side: str,
    within_days: str = "400",
    governments: str = "yes",
) -> Verdict:
    """Set a claim against the estimate of one side's losses over published figures of the other's, counted alike.

    Figures are running totals near the day of the claim by speakers outside the war; each is set against the estimate
    for its own stretch of days. A floor of the other side's losses is a ceiling of the ratio and counts where it
    decides.
    """
    rows = chosen(basis, claim, measure=measure, side=side, governments=governments)
    rows = rows[abs((rows["as_of"] - claim.day).dt.days) <= int(within_days)]
    ends, says = odds.aim(claim), []
    for _, row in rows.iterrows():
        own = odds.of_total(basis.estimate(counts, basis.start, min(row["as_of"], basis.cutoff)), seed=1)
        says.append(_ratio_says(own, row, ends))
    rows = rows.assign(probability=[one[0] for one in says], ratio=[one[1] for one in says])
    used = rows.dropna(subset="probability")
    if used.empty:
        return unknown("nobody outside the war published the other side's losses near that day")
    told = {"counts": counts, "least": used["ratio"].min(), "most": used["ratio"].max(), "figures": len(used)}
    told |= {"families": used["family"].nunique(), "day": claim.day}
    return Verdict(odds.by_families(used), told=told, rows=tuple(used["id"]))


def per_area(claim: Claim, basis: Basis, counts: str, span: str, measure: str, side: str) -> Verdict:
    """Set a claim against the estimated losses of a span over the ground gained in it, by each map."""
    ends = period(basis, claim, span)
    late = _late(basis, ends)
    if late:
        return late
    rows = chosen(basis, claim, measure=measure, side=side)
    rows = rows[(rows["period_start"] == ends[0]) & (abs((rows["period_end"] - ends[1]).dt.days) <= 7)]
    rows = rows[[odds.of_figure(row)[0] is not None for _, row in rows.iterrows()]]
    if rows.empty:
        return unknown("no map of that time is in the room")
    lost = odds.of_total(basis.estimate(counts, *ends), seed=1)
    found = [lost / area for area in _known(rows)]
    rows = rows.assign(probability=[odds.inside(one, odds.aim(claim)) for one in found])
    middles = [float(np.median(one)) for one in found]
    told = {"least": min(middles), "most": max(middles), "figures": len(rows), "start": ends[0], "end": ends[1]}
    return Verdict(odds.by_families(rows), told=told, rows=tuple(rows["id"]))


def _known(rows: pd.DataFrame) -> list[np.ndarray]:
    return [found for found, _, _ in (odds.of_figure(row) for _, row in rows.iterrows()) if found is not None]


def _ratio_says(own: np.ndarray, row, ends: tuple[float, float]) -> tuple[float, float]:
    """Probability and middle of a ratio by one figure of the other side; not a number where it decides nothing."""
    other, floor, _ = odds.of_figure(row)
    if other is not None:
        return odds.inside(own / other, ends), float(np.median(own / other))
    if floor is None:
        return math.nan, math.nan
    most = float(np.mean(own / floor >= ends[0]))
    return (most, float(np.median(own / floor))) if most < odds.DECISIVE else (math.nan, math.nan)


def _told(total, factor: float) -> dict[str, float]:
    return {name: getattr(total, name) * factor for name in ("value", "lower", "upper")} | {"level": total.level}


def _late(basis: Basis, ends: tuple[pd.Timestamp, pd.Timestamp]) -> Verdict | None:
    """Refuse a span that the estimate does not cover."""
    if ends[1] < ends[0]:
        raise ClaimError(f"Expected a span that runs forward, found {ends[0]:%Y-%m-%d} to {ends[1]:%Y-%m-%d}: swap it.")
    return unknown("the time it speaks of is not over", until=ends[1]) if ends[1] > basis.cutoff else None
