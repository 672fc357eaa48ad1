"""The chapter on the balance: that it agrees with its own arithmetic, and says what it cannot know."""

from functools import partial

import chapters
import numpy as np
import pytest

from attrition.models.balance import BalanceError

chapter = partial(chapters.run, "manpower_balance")


def test_published_forces_are_reproduced_within_their_spread():
    found = chapter(draws=2_000)
    read = found["closed"].readings
    assert read["value"].between(read["lower"], read["upper"]).mean() >= 0.8
    assert found["inferred"].lower < 0.5 and found["inferred"].upper > 0.4  # a published share is 0.40 to 0.50
    assert found["passage"].p_6m <= found["passage"].p_12m <= found["passage"].p_24m
    assert np.isclose(np.median(found["now"].net_monthly), found["net"].value)


def test_a_day_with_one_force_size_cannot_close_its_accounts():
    found = chapter(cutoff="2023-09-30", draws=2_000, horizon_months=6)
    assert not found["closes"]
    assert found["inferred"].upper > 0.95


def test_everything_set_leaves_plain_arithmetic():
    rates = {"recruits": 30_000.0, "casualties": 35_000.0, "wounded_per_killed": 2.5, "return_share": 0.2}
    found = chapter(**rates, other_exits=0.0, new_unit_share=0.0, draws=2_000, elasticity=0.5)
    assert found["net"].value == pytest.approx(0, abs=1e-6) and found["net"].lower == found["net"].upper
    assert found["free"] == []


def test_a_price_of_oil_moves_recruits_and_nothing_moves_without_one():
    plain, low, high = (chapter(draws=2_000, urals_usd=one) for one in (None, 30.0, 150.0))
    recruits = [np.median(found["today"]["recruits"]) for found in (low, plain, high)]
    assert recruits == sorted(recruits) and recruits[0] < recruits[2]
    assert plain["money"] == 1.0 and not any("oil" in str(file) for file in plain["room"].opened)
    assert (low["by_bound"] <= low["by_price"] + 1e-9).all() and (low["by_price"] <= 0).all()
    for name in ("casualties", "return_share", "other_exits"):
        assert np.array_equal(low["today"][name], plain["today"][name])


def test_a_price_as_it_is_changes_nothing():
    found = chapter(draws=2_000)
    usd = float(found["published"]("oil", "urals_price_tax").iloc[-1])
    same = chapter(draws=2_000, urals_usd=usd)
    assert np.array_equal(same["today"]["recruits"], found["today"]["recruits"])


def test_a_mark_above_todays_force_is_refused():
    with pytest.raises(BalanceError, match="Expected a threshold of at least 0 and below today's force of"):
        chapter(threshold=4_000_000.0, draws=2_000)
