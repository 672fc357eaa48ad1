"""Verdicts on claims in words: one word for how likely a claim is right, one sentence for what it rests on.

Takes what `attrition.models.claims` found and computes nothing. The likelihood words come from `wording`; what was read
off a record is said plainly, and what nothing here can tell is said to be so, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrition import wording
from attrition.models.claims import Verdict

NOT_TESTED = "not tested here"
ON_RECORD = {1.0: "borne out by the record", 0.0: "contradicted by the record"}
CHANCES = {
    "almost no chance": "almost no chance of being right",
    "roughly even": "a roughly even chance of being right",
    "less than 1 in 100": "less than 1 chance in 100 of being right",
    "more than 99 in 100": "more than 99 chances in 100 of being right",
}
KINDS = {
    "holds": "hold or probably hold",
    "does not hold": "do not hold or probably do not",
    "cannot be told": "stay undecided",
    "depends on its day": "depend on the day they were made",
    "not tested": "are not tested",
}
COUNTS = {"killed": "deaths", "casualties": "killed and wounded"}


def word(verdict: Verdict) -> str:
    """Say in a few words how the claim stands.

    >>> word(Verdict(0.9)), word(Verdict(0.0, recorded=True)), word(Verdict(None, reason="no figure"))
    ('very likely to be right', 'contradicted by the record', 'not tested here')
    """
    if verdict.probability is None:
        return NOT_TESTED
    if verdict.recorded and verdict.probability in ON_RECORD:
        return ON_RECORD[verdict.probability]
    if verdict.recorded:
        return "divided by the record"
    said = wording.likelihood(verdict.probability)
    return CHANCES.get(said) or f"{said} to be right"


def words(verdicts: Mapping[Any, Verdict]) -> str:
    """Say how a claim stands whose day is not certain: one word, or one for each day.

    >>> words({"2030-02-03": Verdict(0.0, True), "2031-02-03": Verdict(1.0, True)})
    'contradicted by the record if of February 2030, borne out by the record if of February 2031'
    """
    found = {day: word(verdict) for day, verdict in verdicts.items()}
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return ", ".join(f"{said} if of {wording.month(day)}" for day, said in found.items())


def kind(verdicts: Mapping[Any, Verdict]) -> str:
    """Sort a claim into one of `KINDS`; above 55 % it holds, below 45 % it does not.

    >>> kind({1: Verdict(0.8)}), kind({1: Verdict(0.5)}), kind({1: Verdict(0.8), 2: Verdict(0.1)})
    ('holds', 'cannot be told', 'depends on its day')
    """
    found = {_kind(verdict) for verdict in verdicts.values()}
    return found.pop() if len(found) == 1 else "depends on its day"


def sentence(test: str, verdict: Verdict) -> str:
    """Say what a verdict rests on, in one or two sentences."""
    if verdict.probability is None:
        until = verdict.told.get("until")
        end = f" (it ends on {wording.day(until)})" if until is not None else ""
        return f"{verdict.reason[0].upper()}{verdict.reason[1:]}{end}."
    return SENTENCES[test](verdict.told)


def sentences(test: str, verdicts: Mapping[Any, Verdict]) -> str:
    """Say what the verdicts on a claim rest on, once for each day that differs."""
    found = {day: sentence(test, verdict) for day, verdict in verdicts.items()}
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return " ".join(f"If of {wording.month(day)}: {said}" for day, said in found.items())


def _kind(verdict: Verdict) -> str:
    if verdict.probability is None:
        return "not tested"
    return (
        "holds" if verdict.probability > 0.55 else "does not hold" if verdict.probability < 0.45 else "cannot be told"
    )


def _increment(told: Mapping) -> str:
    steps = wording.listing(f"{wording.number(n)} on {wording.day(day)}" for day, n in told["steps"].items())
    days: Sequence = told["occurs"]
    where = wording.listing([wording.day(day) for day in days], empty="no day at all")
    return f"The running total rose by {steps}. It rose by {wording.number(told['number'])} on {where}."


def _reached(told: Mapping) -> str:
    first = told["first"]
    passed = "It has not reached that mark yet" if first is None else f"It passed that mark on {wording.day(first)}"
    return f"The running total stood at {wording.number(told['total'])} on {wording.day(told['as_of'])}. {passed}."


def _war_year(told: Mapping) -> str:
    return (
        f"Counted from its first day, the {wording.ordinal(told['number'])} year of the war began on "
        f"{wording.day(told['begins'])}; {wording.day(told['day'])} lies in its {wording.ordinal(told['year'])} year."
    )


def _highest(told: Mapping) -> str:
    count = wording.count(told["count"], "comes near or above", "come near or above")
    return (
        f"The highest published payment by then was {wording.large(told['amount'])} in local money ({told['place']}, "
        f"{wording.day(told['as_of'])}), {wording.number(round(told['dollars'], -2))} dollars at that month's rate. Of "
        f"{wording.number(told['of'])} payments in the room {count} the claim."
    )


def _some(told: Mapping) -> str:
    hits = wording.count(told["hits"], "published case lies", "published cases lie").capitalize()
    parties = wording.count(told["parties"], "of them is", "of them are")
    return (
        f"{hits} in that range, out of {wording.number(told['of'])}; {parties} told by a party to the war. Such cases "
        "were told because they were extreme and say nothing about an army."
    )


def _estimate(told: Mapping) -> str:
    rate = " a month" if told["per"] == "month" else ""
    return (
        f"The joint estimate of {COUNTS[told['counts']]} for {wording.period(told['start'], told['end'])} is "
        f"{_range(told)}{rate}."
    )


def _wounded(told: Mapping) -> str:
    span = wording.period(told["start"], told["end"])
    return (
        f"The joint estimate for {span} is {_range(told)} wounded for one killed; the claim needs at most "
        f"{wording.number(told['most'])}."
    )


def _rising(told: Mapping) -> str:
    old, new = (wording.number(round(told[name], -2)) for name in ("old", "new"))
    months = wording.count(told["months"], "month")
    what = COUNTS[told["counts"]]
    return f"Estimated {what} a month: {new} in the {months} before, {old} in the {months} before them."


def _exceeds(told: Mapping) -> str:
    return (
        f"The joint estimate of {COUNTS[told['counts']]} for {wording.period(told['start'], told['end'])} is "
        f"{_range(told)}; published numbers of those who joined run {_span(told, 0)}. Wounded who return are not taken "
        "off."
    )


def _ratio(told: Mapping) -> str:
    what = COUNTS[told["counts"]]
    return (
        f"The joint estimate of {what}, divided by {_figures(told)} on the other side from about a year around "
        f"{wording.day(told['day'])}, gives {_span(told, 1)} to one."
    )


def _per_area(told: Mapping) -> str:
    return (
        f"The joint estimate of the dead of {wording.period(told['start'], told['end'])}, divided by "
        f"{wording.count(told['figures'], 'reading')} of a map, gives {_span(told, 0)} for a square kilometre."
    )


def _figures_sentence(told: Mapping) -> str:
    per = {"month": " a month", "year": " a year"}.get(told["per"], "")
    if told["figures"] == 1:
        return f"The one figure by somebody else near that day is {_span(told, 0)}{per}."
    agree = (
        wording.count(told["agree"], "of them bears it out", "of them bear it out") if told["agree"] else "none fits"
    )
    return f"{_figures(told).capitalize()} by others near that day run from {_span(told, 0)}{per}; {agree}."


def _level_trend(told: Mapping) -> str:
    slope, moves = wording.number(round(abs(told["slope"]), -2)), "rise" if told["slope"] > 0 else "fall"
    return (
        f"The {wording.count(told['figures'], 'number')} published from {wording.day(told['start'])} to "
        f"{wording.day(told['end'])} {moves} by about {slope} a month; most are a party's."
    )


def _fell(told: Mapping) -> str:
    drops = wording.listing(
        f"{wording.number(round(drop, 1))} points ({name.replace('_', ' ')})" for name, drop in told["drops"].items()
    )
    return (
        f"From the last poll before {wording.day(told['at'])} to the two after it the fall was {drops}. Read here as "
        f"sharp: {wording.number(told['least'])} points."
    )


def _after(told: Mapping) -> str:
    shares = sorted({wording.percent(told[name], beyond=True) for name in ("least", "most")})
    limit = wording.percent(told["limit"])
    return (
        f"In up to {wording.count(told['months'], 'month')} after it the mean was {' to '.join(shares)} of the mean of "
        f"the months before, by {wording.count(told['speakers'], 'speaker')}; the claim is read as at most {limit}."
    )


def _range(told: Mapping) -> str:
    """Interval first, then the centre."""
    lower, value, upper = told["lower"], told["value"], told["upper"]
    level = wording.percent(told["level"])
    return f"{wording.interval(lower, upper)} ({level} interval, centre {wording.estimate(value, lower, upper)})"


def _span(told: Mapping, decimals: int) -> str:
    ends = [_read(told[name], decimals, told.get("per", "whole")) for name in ("least", "most")]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _read(value: float, decimals: int, per: str) -> str:
    """One end of a span; a count turned into a rate is not known to the last person."""
    if decimals:
        return wording.number(value, decimals)
    return wording.number(round(value, -2 if per != "whole" and value >= 1000 else 0))


def _figures(told: Mapping) -> str:
    families = wording.count(told["families"], "family", "families")
    return f"{wording.count(told['figures'], 'figure')} ({families} of sources)"


SENTENCES: dict[str, Callable[[Mapping], str]] = {
    "increment": _increment,
    "reached": _reached,
    "war_year": _war_year,
    "highest": _highest,
    "some": _some,
    "estimate": _estimate,
    "wounded": _wounded,
    "rising": _rising,
    "exceeds": _exceeds,
    "ratio": _ratio,
    "per_area": _per_area,
    "figures": _figures_sentence,
    "level_trend": _level_trend,
    "fell": _fell,
    "after": _after,
}
