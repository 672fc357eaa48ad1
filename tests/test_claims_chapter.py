"""The claims audit on the real room: known answers, both days of the article, and what is not known is said."""

from functools import partial
from pathlib import Path

import chapters
import pandas as pd
import pytest

from attrition.models import claims
from attrition.room import open_room

ROOT = Path(__file__).parents[1]
DAY = pd.Timestamp


chapter = partial(chapters.run, "claims_audit")


@pytest.fixture(scope="module")
def may():
    return chapter(cutoff="2026-05-31")


def test_the_increment_of_the_article_occurs_on_another_day_only(may):
    found = may["judged"]["fa_daily_1570"][DAY("2026-02-03")]
    assert found.told["steps"] == {DAY("2025-02-02"): 1320.0, DAY("2026-02-02"): 850.0}
    assert found.told["occurs"] == [DAY("2025-01-11")] and found.probability == 0.0


def test_the_total_of_the_article_depends_on_its_year(may):
    found = may["judged"]["fa_total_850000"]
    assert [found[day].probability for day in sorted(found)] == [0.0, 1.0]
    assert all(one.told["first"] == DAY("2025-02-10") for one in found.values())
    assert may["total"][DAY("2026-02-02")] == 1_241_530
    ends = may["total"].reindex(pd.date_range("2025-11-30", "2026-01-31", freq="ME"))
    assert ends.diff().dropna().tolist() == [35_050, 31_680]


def test_the_year_of_the_war_is_the_fourth_for_one_of_the_dates_only(may):
    found = may["judged"]["fa_fourth_year"]
    assert {day.year: one.probability for day, one in found.items()} == {2025: 1.0, 2026: 0.0}


def test_every_claim_has_a_verdict_and_a_finding_that_read(may):
    said = {name: may["verdicts"].words(found) for name, found in may["judged"].items()}
    assert set(said) == set(may["asked"].index) and len(said) == 45
    for name, found in may["judged"].items():
        sentence = may["verdicts"].sentences(may["asked"].loc[name, "test"], found)
        assert sentence.endswith(".") and "nan" not in sentence and "None" not in sentence


def test_figures_named_as_evidence_are_rows_of_the_room(may):
    ids = set(may["cited"]["id"])
    assert all(set(one.rows) <= ids for found in may["judged"].values() for one in found.values())


def test_no_claim_is_judged_by_its_own_speaker(may):
    whose = may["cited"].set_index("id")["source"]
    for name, found in may["judged"].items():
        if may["asked"].loc[name, "test"] in ("figures", "ratio", "exceeds", "after", "per_area"):
            assert not any(
                whose[row] == may["asked"].loc[name, "speaker"] for one in found.values() for row in one.rows
            )


@pytest.mark.parametrize("cutoff", ["2023-09-30", "2025-02-28", "2026-02-19"])
def test_earlier_cutoffs_know_fewer_claims_and_judge_what_they_can(cutoff, may):
    found = chapter(cutoff=cutoff)
    assert 0 < len(found["judged"]) < len(may["judged"])
    assert all(
        one.probability is None or 0 <= one.probability <= 1 for r in found["judged"].values() for one in r.values()
    )


def test_a_halt_of_imports_is_not_judged_before_months_after_it_are_known(may):
    then = chapter(cutoff="2026-02-19")["judged"]["us_india_stops"]
    now = may["judged"]["us_india_stops"]
    assert next(iter(then.values())).probability is None and next(iter(now.values())).probability == 0.0


def test_the_data_name_tests_that_exist():
    asked = open_room(ROOT / "data").claims()
    assert set(asked["test"]) <= set(claims.TESTS)
