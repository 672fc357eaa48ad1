"""The chapter on recruitment at chosen cutoffs and parameters: what it finds, and that it says what it cannot know."""

import chapters
import pytest


def chapter(**given):
    """The names of the chapter and, apart, its values by the last part of their keys."""
    found = chapters.run("recruitment_economics", **given)
    return found, {key.removeprefix("recruitment."): one for key, one in found["recorded"].items()}


@pytest.fixture(scope="module")
def newest():
    return chapter()


def test_months_add_back_to_every_total_that_is_not_reported(newest):
    for flow in newest[0]["flows"].values():
        used = flow.fitted[flow.fitted["status"] == "used"]
        assert (used["residual"].abs() <= 1.000001).all() and len(used) >= 7
        assert set(flow.contradictions["id"]) == set(
            flow.fitted["id"][flow.fitted["status"].isin(["rival", "set aside"])]
        )


def test_the_published_total_of_the_regional_model_comes_back_beside_the_claim(newest):
    found = newest[0]["flows"][newest[0]["REGIONAL"]].total("2025-01-01", "2025-05-27")
    assert found.value == pytest.approx(175_440, rel=0.01)
    assert newest[0]["flows"][newest[0]["OFFICIAL"]].total("2025-01-01", "2025-05-28").value == pytest.approx(
        170_000, rel=0.03
    )
    assert "gives 175,440, beside almost 175,000 claimed" in newest[1]["model_beside_claim"].text


def test_two_counts_of_one_year_are_told_and_not_averaged(newest):
    flow = newest[0]["flows"][newest[0]["FEDERAL"]]
    of_2023 = flow.total("2023-01-01", "2023-12-31")
    assert min(abs(of_2023.value / stated - 1) for stated in (345_000, 354_400)) < 0.01
    assert of_2023.lower < 345_000 and of_2023.upper > 352_000
    assert "2023 (Important Stories; the others imply" in newest[1]["contradictions"].text


def test_no_payment_mixes_a_part_with_a_whole(newest):
    space = newest[0]
    parts = space["regions"]
    completed = parts[parts["basis"] != "stated whole"]
    assert (completed["whole"] == completed["part"] + completed["general"]).all() and len(completed) > 30
    both = parts[(parts["basis"] == "stated whole") & parts["part"].notna()]
    assert (both["whole"] > both["part"]).all()


def test_the_elasticity_can_be_set_and_then_costs_follow_the_formula():
    found = chapter(elasticity=0.4, recruits=20_000.0, casualties=40_000.0)[1]
    assert found["monthly"].value == 20_000 and found["monthly"].lower is None
    assert found["marginal_cost_rub"].value == pytest.approx(found["bonus_mean_rub"].value * 3.5, rel=0.02)
    assert found["break_even_bonus_rub"].value == pytest.approx(found["bonus_mean_rub"].value * 2**2.5, rel=0.05)
    assert "at most 50 %" in found["break_even_sentence"].text


def test_an_elasticity_that_may_be_nought_leaves_the_cost_without_ceiling(newest):
    found = newest[1]
    assert found["elasticity"].lower < 0 < found["elasticity"].upper
    assert "with no ceiling" in found["supply_sentence"].text
    assert found["marginal_cost_floor_rub"].value < found["marginal_cost_rub"].value


@pytest.mark.parametrize("cutoff", ["2023-09-30", "2024-03-31"])
def test_what_is_not_known_is_said(cutoff):
    found = chapter(cutoff=cutoff)[1]
    assert found["burden_share_of_oil_gas"].value == "not known" == found["marginal_cost_rub"].value
    assert found["monthly"].lower < found["monthly"].value < found["monthly"].upper
    assert found["supply_sentence"].text.startswith("Too few quarters")


def test_nobody_joining_is_no_error():
    assert chapter(recruits=0.0)[1]["break_even_sentence"].text == "With nobody joining, every loss lowers the force."
