import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from attrition.models import scores
from attrition.models.scores import ScoreError

NUMBERS = st.floats(-1e6, 1e6)


def test_the_weighted_interval_score_of_the_worked_example():
    assert scores.wis(5, 2, {0.8: (0, 4), 0.5: (1, 3)}) == pytest.approx(2.16, abs=1e-12)


def test_the_weighted_interval_score_keeps_the_shape_and_scores_each_element():
    observed = np.array([[5.0, 2.0], [0.0, 9.0]])
    intervals = {0.8: (observed * 0, observed * 0 + 4), 0.5: (observed * 0 + 1, observed * 0 + 3)}
    result = scores.wis(observed, observed * 0 + 2, intervals)
    assert result.shape == (2, 2)
    for at, value in np.ndenumerate(observed):
        assert result[at] == pytest.approx(scores.wis(value, 2, {0.8: (0, 4), 0.5: (1, 3)}))


@given(NUMBERS, st.lists(NUMBERS, min_size=5, max_size=5).map(sorted))
def test_the_weighted_interval_score_is_twice_the_mean_pinball_loss(observed, quantiles):
    probabilities = (0.05, 0.25, 0.5, 0.75, 0.95)
    low, lower, median, upper, high = quantiles
    losses = [scores.pinball(observed, q, p) for q, p in zip(quantiles, probabilities, strict=True)]
    assert scores.wis(observed, median, {0.9: (low, high), 0.5: (lower, upper)}) == pytest.approx(
        2 * np.mean(losses), rel=1e-9, abs=1e-6
    )


def test_without_intervals_the_score_is_the_absolute_error():
    assert scores.wis(5, 2, {}) == 3


def test_the_median_counts_once_and_not_twice():
    """A perfect interval of no width leaves half the absolute error over K + 1/2."""
    assert scores.wis(5, 2, {0.9: (5, 5)}) == pytest.approx(1.0)


def test_pinball_is_smallest_on_average_at_the_true_quantile():
    draws = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    candidates = np.linspace(0.5, 2.0, 301)
    losses = [scores.pinball(draws, q, 0.9).mean() for q in candidates]
    assert candidates[int(np.argmin(losses))] == pytest.approx(stats.norm.ppf(0.9), abs=0.01)


def test_interval_score_by_hand_inside_below_and_above():
    assert scores.interval_score(3, 2, 6, alpha=0.1) == 4
    assert scores.interval_score(1, 2, 6, alpha=0.1) == pytest.approx(4 + 20)
    assert scores.interval_score(8, 2, 6, alpha=0.1) == pytest.approx(4 + 40)


def test_crps_of_the_standard_normal_at_zero():
    """(√2 − 1)/√π = 0.2336949773 by the closed form of Gneiting & Raftery (2007)."""
    n = 1_000_000
    samples = stats.norm.ppf((np.arange(n) + 0.5) / n)
    assert (np.sqrt(2) - 1) / np.sqrt(np.pi) == pytest.approx(0.2336949773, abs=1e-10)
    assert scores.crps_sample(0.0, samples) == pytest.approx(0.2336949773, abs=1e-6)


@given(NUMBERS, st.lists(NUMBERS, min_size=1, max_size=30))
def test_crps_by_sorting_equals_the_double_sum(observed, samples):
    x = np.array(samples)
    double = np.abs(x - observed).mean() - np.abs(x[:, None] - x[None, :]).mean() / 2
    assert scores.crps_sample(observed, x) == pytest.approx(double, rel=1e-9, abs=1e-5)


def test_crps_equals_the_integral_of_the_squared_distance():
    samples, observed = np.array([0.0, 1.0, 4.0]), 2.0
    grid = np.linspace(-1, 5, 600_001)
    steps = (samples[None, :] <= grid[:, None]).mean(1) - (observed <= grid)
    assert scores.crps_sample(observed, samples) == pytest.approx(np.trapezoid(steps**2, grid), abs=1e-4)


def test_crps_takes_many_outcomes_at_once():
    samples = np.array([[0.0, 1.0, 4.0], [2.0, 2.0, 3.0]])
    both = scores.crps_sample([2.0, 5.0], samples)
    assert both == pytest.approx([scores.crps_sample(2.0, samples[0]), scores.crps_sample(5.0, samples[1])])


def test_pit_is_uniform_for_a_true_forecast_and_not_for_a_false_one():
    rng = np.random.default_rng(0)
    outcomes = rng.normal(size=400)
    samples = rng.normal(size=(400, 999))
    assert stats.kstest(scores.pit(outcomes, samples), "uniform").pvalue > 0.01
    assert stats.kstest(scores.pit(outcomes, samples * 3), "uniform").pvalue < 1e-6


def test_coverage_counts_the_ends():
    assert scores.coverage([0, 4, 5], [0, 0, 0], [4, 4, 4]) == pytest.approx(2 / 3)


def test_relative_skill_of_a_complete_table_is_the_ratio_of_means():
    table = pd.DataFrame({"a": [1.0, 2.0], "b": [2.0, 4.0], "c": [4.0, 8.0]})
    assert scores.relative_skill(table).to_dict() == pytest.approx({"a": 0.5, "b": 1.0, "c": 2.0})
    assert scores.relative_skill(table, baseline="c").to_dict() == pytest.approx({"a": 0.25, "b": 0.5, "c": 1})


def test_relative_skill_compares_only_targets_both_have():
    """The absent hard target must not make the first method look better."""
    table = pd.DataFrame({"a": [1.0, np.nan], "b": [1.0, 100.0]})
    assert scores.relative_skill(table).to_dict() == pytest.approx({"a": 1.0, "b": 1.0})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: scores.wis(1, 1, {0.5: (3, 2)}),
            r"expected lower <= upper, found 3 above 2 at position \(\)",
        ),
        (lambda: scores.coverage([1, 1], [0, 3], [2, 2]), r"found 3 above 2 at position \(1,\)"),
        (lambda: scores.wis(1, 1, {1.0: (0, 2)}), r"expected a level between 0 and 1.*found 1\.0"),
        (lambda: scores.wis(1, 1, {90: (0, 2)}), r"expected a level between 0 and 1.*found 90"),
        (lambda: scores.wis(1, 1, [(0, 2)]), r"expected intervals as \{level: \(lower, upper\)\}, found \[\(0, 2"),
        (lambda: scores.wis(1, 1, {"90": (0, 2)}), r"expected a level between 0 and 1.*found '90'"),
        (lambda: scores.interval_score(1, 0, 2, alpha=0), r"expected an alpha between 0 and 1.*found 0"),
        (lambda: scores.pinball(1, 0, 1.5), r"expected a probability between 0 and 1.*found 1\.5"),
        (lambda: scores.pinball(np.nan, 0, 0.5), r"finite numbers for 'observed', found 1 that are not"),
        (lambda: scores.pinball([], [], 0.5), r"finite numbers for 'observed', found nothing"),
        (lambda: scores.pinball("many", 0, 0.5), r"expected numbers for 'observed', found 'many'"),
        (lambda: scores.pinball([1, 2], [1, 2, 3], 0.5), r"one shape, found observed \(2,\), quantile \(3,\)"),
        (lambda: scores.crps_sample([1, 2], [1, 2, 3]), r"expected samples of shape \(2, 'n'\).*found \(3,\)"),
        (lambda: scores.pit(1, 2), r"expected samples of shape \('n',\).*found \(\)"),
        (
            lambda: scores.relative_skill(pd.DataFrame({"a": [1.0], "b": [2.0]}), baseline="c"),
            r"expected a baseline among 'a', 'b', found 'c'",
        ),
        (
            lambda: scores.relative_skill(pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 2.0]})),
            r"targets that both 'a' and 'b' forecast with mean scores above 0, found 0",
        ),
    ],
)
def test_bad_input_is_named_in_one_sentence(call, message):
    with pytest.raises(ScoreError, match=message):
        call()
