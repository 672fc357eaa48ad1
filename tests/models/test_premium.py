"""Price premiums against arithmetic and simulated prices, and every sentence with which bad input is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attrition.models.pressure import premium
from attrition.models.pressure.faults import PressureError
from attrition.models.pressure.premium import RANGE, SEVERAL, SINGLE, Premium, relative


def test_it_is_the_difference_in_differences_of_simulated_prices():
    rng = np.random.default_rng(5)
    fixed, common, effect = rng.normal(3, 1, (2, 40_000)), 0.08, 0.54
    before = fixed + rng.normal(0, 0.2, fixed.shape)
    after = fixed + common + np.array([[effect], [0]]) + rng.normal(0, 0.2, fixed.shape)
    changes = np.expm1(np.median(after - before, axis=1))
    assert relative(*changes).value == pytest.approx(np.expm1(effect), rel=0.03)


def test_single_figures_have_no_interval_and_say_so():
    assert relative(0.87, 0.09) == Premium(pytest.approx(1.87 / 1.09 - 1, abs=5e-4), None, None, SINGLE)


def test_ends_are_set_against_opposite_ends():
    found = relative((0.5, 0.8, 1.0), (0.0, 0.1, 0.25))
    assert (found.lower, found.value, found.upper) == pytest.approx((1.5 / 1.25 - 1, 1.8 / 1.1 - 1, 1.0), abs=1e-3)
    assert found.basis == RANGE


@given(st.floats(-0.9, 5), st.floats(-0.9, 5))
def test_turning_buyers_round_turns_the_premium_round(a, b):
    assert (1 + relative(a, b).value) * (1 + relative(b, a).value) == pytest.approx(1, rel=0.02, abs=0.02)


def test_several_estimates_span_from_the_lowest_to_the_highest_end():
    found = premium.span([relative(0.87, 0.09), relative((0.25, None, 0.55)), relative(0.75)])
    assert (found.value, found.lower, found.upper, found.basis) == (0.716, 0.25, 0.75, SEVERAL)
    assert premium.span([relative(0.4)]) == relative(0.4)
    assert premium.span([relative(0.4), relative(0.1)], main=1).value == pytest.approx(0.1)


def test_price_number_and_bill_belong_together():
    assert (1 + premium.unit_price_change(0.76, -0.13)) * 0.87 == pytest.approx(1.76)
    assert premium.volume_change(premium.volume_change(0.2, -0.5), 0.5) == pytest.approx(0.6)
    assert premium.before(932, -0.1) == pytest.approx(1035.6, abs=0.1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: relative(-1), "Expected a change above -1 as a share, found -1: write 0.87 for 87 percent"),
        (lambda: relative(float("nan")), "Expected a change above -1 as a share, found nan"),
        (lambda: relative((None, None, None)), "Expected a change with at least one number, found none"),
        (lambda: relative((0.5, None, 0.1)), "Expected a change that rises from low to high, found .0.5, None, 0.1."),
        (lambda: premium.span([]), "Expected at least one premium, found none: say in the text"),
        (lambda: premium.before(5, -2), "Expected a change above -1 as a share, found -2"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, words):
    with pytest.raises(PressureError, match=words):
        call()
