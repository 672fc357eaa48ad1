"""The square law against its invariant, against numerical integration, and against what it is known to say."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from attrition.models.lanchester import LanchesterError, advantage_needed, duration, square_law

STRENGTH, EFFECT = st.floats(1, 1e6), st.floats(1e-4, 1)


@settings(deadline=None)
@given(STRENGTH, STRENGTH, EFFECT, EFFECT)
def test_the_invariant_is_conserved(a0, b0, a, b):
    times = np.linspace(0, 2 * min(duration(a0, b0, a, b), 10 / math.sqrt(a * b)), 50)
    found = square_law(a0, b0, a, b, times)
    held = b * found["B"] ** 2 - a * found["A"] ** 2
    assert np.abs(held - (b * b0**2 - a * a0**2)).max() <= 1e-8 * (b * b0**2 + a * a0**2)


def test_it_agrees_with_numerical_integration():
    a0, b0, a, b = 1200.0, 700.0, 0.02, 0.05
    end = duration(a0, b0, a, b)
    times = np.linspace(0, 0.999 * end, 40)
    slope = lambda _, y: [-b * y[1], -a * y[0]]  # noqa: E731
    solved = solve_ivp(slope, (0, end), [a0, b0], t_eval=times, rtol=1e-11, atol=1e-9)
    found = square_law(a0, b0, a, b, times)
    np.testing.assert_allclose(found[["A", "B"]].to_numpy().T, solved.y, rtol=1e-7, atol=1e-6)


@settings(deadline=None)
@given(STRENGTH, STRENGTH, EFFECT, EFFECT)
def test_the_stronger_by_the_square_law_is_left_and_the_battle_ends(a0, b0, a, b):
    gap = a * a0**2 - b * b0**2
    assume(abs(gap) > 1e-3 * (a * a0**2 + b * b0**2))
    end = duration(a0, b0, a, b)
    last = square_law(a0, b0, a, b, [end, 2 * end]).iloc[-1]
    winner, loser = (last["A"], last["B"]) if gap > 0 else (last["B"], last["A"])
    assert winner == pytest.approx(math.sqrt(abs(gap) / (a if gap > 0 else b)), rel=1e-6)
    assert loser == pytest.approx(0, abs=1e-6 * max(a0, b0)) and math.isnan(last["exchange"])


def test_losses_for_one_of_the_other_are_those_of_the_moment():
    found = square_law(1000, 500, 0.01, 0.09, [0, 0.001])
    lost = found.loc[0] - found.loc[0.001]
    assert lost["A"] / lost["B"] == pytest.approx(found["exchange"].iloc[0], rel=1e-3)
    assert found["exchange"].iloc[0] == pytest.approx(4.5)


def test_an_even_match_never_ends_and_keeps_its_proportion():
    needed = advantage_needed(1500, 1000)
    assert needed == 2.25 and duration(1500, 1000, 0.01, 0.01 * needed) == math.inf
    found = square_law(1500, 1000, 0.01, 0.01 * needed, [0, 50, 100])
    np.testing.assert_allclose(found["A"] / found["B"], 1.5)
    np.testing.assert_allclose(found["exchange"], 1.5)


@pytest.mark.parametrize("name", ["a0", "b0", "a", "b"])
@pytest.mark.parametrize("number", [0, -1.0, math.nan, math.inf])
def test_strength_and_effectiveness_are_above_zero(name, number):
    given_ = {"a0": 1.0, "b0": 1.0, "a": 1.0, "b": 1.0, name: number}
    with pytest.raises(LanchesterError, match=f"Expected {name} above zero, found .*: give strength and effectiveness"):
        square_law(**given_, times=[0])
    with pytest.raises(LanchesterError, match=f"Expected {name} above zero"):
        duration(**given_)


def test_an_advantage_needs_two_strengths():
    with pytest.raises(LanchesterError, match="Expected b0 above zero, found 0: give strength and effectiveness"):
        advantage_needed(5, 0)


@pytest.mark.parametrize("times", [[-1], [0, math.nan], [math.inf]])
def test_times_begin_at_the_start(times):
    with pytest.raises(LanchesterError, match="Expected times of at least 0, found one before the start: begin at 0"):
        square_law(1, 1, 1, 1, times)
