"""The chapter on export limits at chosen cutoffs and settings: what it finds, and that it says what it cannot know."""

from functools import partial

import chapters
import pytest

chapter = partial(chapters.run, "tech_export_limits", draws=2000)


def test_the_premium_is_the_arithmetic_of_the_study_and_months_are_of_their_family():
    found = chapter()
    told = found["recorded"]
    assert told["tech.price_premium"].value == pytest.approx(1.87 / 1.09 - 1, abs=1e-3)
    assert (told["tech.price_premium"].lower, told["tech.price_premium"].upper) == (0.25, 0.75)
    tanks = told["tech.tank_months_left"]
    assert tanks.lower < told["tech.tank_months_left_claimed"].value < tanks.value < tanks.upper
    assert set(tanks.sources) >= {"oryx"} and "general_staff_ua" not in tanks.sources
    for (_, family), table in found["totals"].items():
        assert set(table["family"]) == {family}


def test_a_stock_and_a_premium_that_are_set_are_used():
    found = chapter(stock=480.0, refurbishment_per_year=120.0, import_premium=0.0)
    told = found["recorded"]
    assert told["tech.price_premium"].value == 0 and told["tech.price_premium"].interval == ""
    assert told["tech.tank_months_left"].value == pytest.approx(
        48, rel=0.05
    )  # a little longer: in some months less is needed
    assert "as it was set" in told["tech.premium_sentence"].value


@pytest.mark.parametrize(
    "given",
    [
        {"cutoff": "2023-09-30"},
        {"cutoff": "2024-02-13"},
        {"cutoff": "2025-02-28", "horizon_months": 12},
        {"stock": 0.0},
        {"stock": 50_000.0, "refurbishment_per_year": 0.0, "horizon_months": 6},
    ],
)
def test_odd_settings_leave_sentences(given):
    told = chapter(**given)["recorded"]
    sentences = [one.value for key, one in told.items() if key.endswith("_sentence") and one.value]
    assert len(sentences) >= 4
    for sentence in sentences:
        assert sentence[0].isupper() and sentence.endswith(".") and "nan" not in sentence and "None" not in sentence
    if given.get("cutoff") == "2023-09-30":
        assert told["tech.price_premium"].value == told["tech.tank_months_left"].value == "not known"
