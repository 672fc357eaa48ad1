"""Verdicts in words: one word from one table, sentences that read at their edges."""

import pandas as pd
import pytest

from attrition import verdicts, wording
from attrition.models import claims
from attrition.models.claims import Verdict

DAY = pd.Timestamp("2030-02-03")


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.001, "less than 1 chance in 100 of being right"),
        (0.03, "almost no chance of being right"),
        (0.1, "very unlikely to be right"),
        (0.3, "unlikely to be right"),
        (0.5, "a roughly even chance of being right"),
        (0.7, "likely to be right"),
        (0.9, "very likely to be right"),
        (0.97, "almost certain to be right"),
        (0.999, "more than 99 chances in 100 of being right"),
    ],
)
def test_likelihood_words_come_from_the_one_table(probability, word):
    assert verdicts.word(Verdict(probability)) == word
    assert wording.likelihood(probability).split(" in ")[0].split()[-1] in word or "even" in word


def test_records_are_borne_out_contradicted_or_divided():
    found = [verdicts.word(Verdict(p, recorded=True)) for p in (1.0, 0.0, 0.5)]
    assert found == ["borne out by the record", "contradicted by the record", "divided by the record"]
    assert verdicts.word(Verdict(None, reason="x")) == "not tested here"


def test_two_days_are_told_apart_only_where_they_differ():
    same = {DAY: Verdict(0.9), DAY + pd.DateOffset(years=1): Verdict(0.85)}
    assert verdicts.words(same) == "very likely to be right"
    other = {DAY: Verdict(0.9), DAY + pd.DateOffset(years=1): Verdict(None, reason="no figure")}
    assert verdicts.words(other) == "very likely to be right if of February 2030, not tested here if of February 2031"
    assert verdicts.kind(other) == "depends on its day" and verdicts.kind(same) == "holds"


def test_a_reason_becomes_a_sentence():
    assert verdicts.sentence("none", Verdict(None, reason="nobody counted")) == "Nobody counted."
    until = Verdict(None, reason="its time is not over", told={"until": DAY})
    assert verdicts.sentence("open", until) == "Its time is not over (it ends on 3 February 2030)."


@pytest.mark.parametrize(
    ("test", "told", "sentence"),
    [
        (
            "increment",
            {"steps": {DAY: 850.0}, "number": 1570.0, "occurs": []},
            "The running total rose by 850 on 3 February 2030. It rose by 1,570 on no day at all.",
        ),
        (
            "reached",
            {"total": 10.0, "as_of": DAY, "mark": 20.0, "first": None},
            "The running total stood at 10 on 3 February 2030. It has not reached that mark yet.",
        ),
        (
            "figures",
            {"figures": 1, "families": 1, "per": "month", "agree": 0, "least": 17.4, "most": 17.4},
            "The one figure by somebody else near that day is 17 a month.",
        ),
        (
            "figures",
            {"figures": 2, "families": 1, "per": "year", "agree": 1, "least": 1749.0, "most": 25_001.0},
            "Two figures (one family of sources) by others near that day run from 1,700 to 25,000 a year; "
            "one of them bears it out.",
        ),
        (
            "figures",
            {"figures": 3, "families": 2, "per": "whole", "agree": 0, "least": 5.0, "most": 7.0},
            "Three figures (two families of sources) by others near that day run from 5 to 7; none fits.",
        ),
        (
            "estimate",
            {
                "counts": "killed",
                "start": DAY,
                "end": DAY,
                "per": "month",
                "value": 5,
                "lower": 4,
                "upper": 6,
                "level": 0.9,
            },
            "The joint estimate of deaths for 3 February 2030 is 4.0 to 6.0 (90 % interval, centre 5.0) a month.",
        ),
    ],
)
def test_sentences_read_at_their_edges(test, told, sentence):
    assert verdicts.sentence(test, Verdict(0.5, told=told)) == sentence


def test_every_test_that_judges_has_its_sentence():
    assert set(verdicts.SENTENCES) == set(claims.TESTS) - {"open", "none"}
