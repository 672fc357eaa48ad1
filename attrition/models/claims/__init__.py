"""Claims set against data and models: each by a named test, with the probability that it is right.

A claim is a number, a range or an end that somebody stated on a day. A test finds, in what the room and the joint
estimate know, the probability that the claim holds, or says why nothing here can tell. What was read off a record has
the probability 0 or 1. `judge` runs a test of `TESTS` by its name; tests and their settings are written in the data, so
that claims of all speakers meet the same functions. Nothing here puts a verdict into words.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrition.models.claims import estimates, published, record
from attrition.models.claims.basis import Basis, Claim, ClaimError, Verdict
from attrition.models.claims.odds import NEAR, aim

__all__ = ["NEAR", "TESTS", "Basis", "Claim", "ClaimError", "Verdict", "aim", "judge", "settings"]

TESTS = {
    "increment": record.increment,
    "reached": record.reached,
    "war_year": record.war_year,
    "highest": record.highest,
    "some": record.some,
    "estimate": estimates.estimate,
    "wounded": estimates.wounded,
    "rising": estimates.rising,
    "exceeds": estimates.exceeds,
    "ratio": estimates.ratio,
    "per_area": estimates.per_area,
    "figures": published.figures,
    "level_trend": published.level_trend,
    "fell": published.fell,
    "after": published.after,
    "open": record.still_open,
    "none": record.not_testable,
}


def judge(test: str, claim: Claim, basis: Basis, given: Mapping[str, str]) -> Verdict:
    """Test one claim.

    Parameters
    ----------
    test : str
        Name in `TESTS`.
    claim : Claim
        What was said, and when.
    basis : Basis
        What it is tested against.
    given : mapping of str
        Settings of the test, as `settings` reads them.

    Raises
    ------
    ClaimError
        For an unknown test or settings that it does not take.
    """
    if test not in TESTS:
        raise ClaimError(f"Expected a test among {', '.join(TESTS)} for claim '{claim.id}', found '{test}': name one.")
    try:
        return TESTS[test](claim, basis, **given)
    except TypeError as error:
        raise ClaimError(
            f"Expected settings that the test '{test}' takes for claim '{claim.id}', found {dict(given)} ({error}): "
            "correct them."
        ) from None


def settings(text: str) -> dict[str, str]:
    """Read the settings of a test from a cell of data.

    >>> settings("measure=area_gained; months=6")
    {'measure': 'area_gained', 'months': '6'}
    """
    parts = (part.partition("=") for part in text.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in parts}
