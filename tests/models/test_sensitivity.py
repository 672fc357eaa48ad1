"""Shares of variance against closed forms and a second implementation; fair shares against their axioms."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attrition.models import sensitivity
from attrition.models.sensitivity import SensitivityError, interaction, shapley, sobol, value_of_information

CIRCLE = {name: (-math.pi, math.pi) for name in ("x1", "x2", "x3")}


def ishigami(x1, x2, x3):
    return np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


def test_ishigami_within_one_hundredth():
    found = sobol(ishigami, CIRCLE, 2**14, seed=1)
    assert found["first"].to_numpy() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.01)
    assert found["total"].to_numpy() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)
    assert (found["total_lower"] <= found["total"]).all() and (found["total"] <= found["total_upper"]).all()
    assert (found["level"] == 0.9).all() and list(found.index) == list(CIRCLE)


def test_it_agrees_with_the_library():
    theirs = stats.sobol_indices(
        func=lambda x: ishigami(*x), n=2**14, dists=[stats.uniform(-math.pi, 2 * math.pi)] * 3,
        rng=np.random.default_rng(2),
    )  # fmt: skip
    ours = sobol(ishigami, CIRCLE, 2**14, seed=2, resamples=0)
    assert ours["first"].to_numpy() == pytest.approx(theirs.first_order, abs=0.02)
    assert ours["total"].to_numpy() == pytest.approx(theirs.total_order, abs=0.02)


def test_a_sum_of_normals_splits_as_its_variances():
    found = sobol(
        lambda a, b, c: 3 * a + b + 2 * c, {"a": stats.norm(5, 1), "b": stats.norm(0, 2), "c": (0, 1)}, 2**13, seed=3
    )
    parts = np.array([9.0, 4.0, 4 / 12])
    assert found["first"].to_numpy() == pytest.approx(parts / parts.sum(), abs=0.01)
    assert found["total"].to_numpy() == pytest.approx(parts / parts.sum(), abs=0.01)


def test_bootstrap_limits_hold_the_truth_most_of_the_time():
    inside = []
    for seed in range(30):
        found = sobol(ishigami, CIRCLE, 2**9, seed=seed)
        inside += list(
            (found["total_lower"] <= [0.5576, 0.4424, 0.2437]) & (found["total_upper"] >= [0.5576, 0.4424, 0.2437])
        )
    assert np.mean(inside) > 0.8


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ranges": {}}, "Expected at least one input with a range, found none: name what may vary"),
        ({"n": 1000}, "Expected a sample of a power of two rows, found 1000: take 1024 or 16384"),
        ({"n": 0}, "Expected a sample of a power of two rows, found 0"),
        (
            {"ranges": {"a": (1, 1)}},
            "Expected a range of 'a' from lower to upper, found 1 to 1: leave out what is fixed",
        ),
        (
            {"model": lambda a: a / 0.0 * a},
            "Expected a finite answer for each of 48 rows, found shape .*: let the model",
        ),
        ({"model": lambda a: 1.0}, r"Expected a finite answer for each of 48 rows, found shape \(\)"),
        (
            {"model": np.ones_like},
            "Expected an answer that changes with its inputs, found always one: widen the ranges",
        ),
    ],
)
def test_what_cannot_be_split(change, words):
    given_ = {"model": lambda a: a, "ranges": {"a": (0, 1)}, "n": 16, **change}
    if isinstance(given_["model"], type(np.ones_like)) and given_["model"] is np.ones_like:
        given_["model"] = lambda a: np.ones_like(a)
    with np.errstate(all="ignore"), pytest.raises(SensitivityError, match=words):
        sobol(given_["model"], given_["ranges"], given_["n"], 0)


worths = st.lists(st.floats(-100, 100), min_size=16, max_size=16)
PLAYERS = ["a", "b", "c", "d"]


def game(worth):
    return lambda team: worth[sum(1 << PLAYERS.index(one) for one in team)]


@settings(deadline=None)
@given(worths, worths)
def test_shares_are_efficient_and_additive(one, other):
    found, twin = shapley(game(one), PLAYERS), shapley(game(other), PLAYERS)
    assert sum(found.values()) == pytest.approx(one[15] - one[0], abs=1e-9)
    both = shapley(game(np.add(one, other)), PLAYERS)
    assert both == pytest.approx({name: found[name] + twin[name] for name in PLAYERS}, abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=5, max_size=5))
def test_players_who_do_the_same_get_the_same(by_size):
    found = shapley(lambda team: by_size[len(team)], PLAYERS)
    assert len({round(share, 9) for share in found.values()}) == 1


def test_who_adds_nothing_gets_nothing_and_gloves_come_in_pairs():
    """One left glove and two right ones: the classical shares are two thirds and a sixth each."""
    found = shapley(lambda team: min(len(team & {"l"}), len(team & {"r1", "r2"})), ["l", "r1", "r2", "idle"])
    assert found == pytest.approx({"l": 2 / 3, "r1": 1 / 6, "r2": 1 / 6, "idle": 0})


def test_effects_may_be_draws():
    draws = np.arange(5.0)
    found = shapley(lambda team: draws * len(team) ** 2, ["a", "b"])
    np.testing.assert_allclose(found["a"], 2 * draws)
    np.testing.assert_allclose(interaction(lambda team: draws * len(team) ** 2, ["a", "b"]), 2 * draws)


def test_causes_that_only_add_up_do_not_interact():
    alone = {"a": 3.0, "b": -1.0, "c": 2.5}
    effect = lambda team: 10 + sum(alone[one] for one in team)  # noqa: E731
    assert interaction(effect, list(alone)) == pytest.approx(0)
    assert shapley(effect, list(alone)) == pytest.approx(alone)


@pytest.mark.parametrize("players", [[], ["a", "a"], list(range(16))])
def test_players_are_few_and_different(players):
    with pytest.raises(
        SensitivityError, match="Expected 1 to 15 different players, found .*: name each once, and join"
    ):
        shapley(len, players)


def correlated(draws, seed):
    """Three normal inputs, two of them correlated, and a noise nobody can know."""
    rng = np.random.default_rng(seed)
    cov = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, 0.0], [0.0, 0.0, 1.0]])
    inputs = pd.DataFrame(rng.multivariate_normal(np.zeros(3), cov, draws), columns=["a", "b", "c"])
    answer = 2 * inputs["a"] - inputs["b"] + 0.5 * inputs["c"] + rng.standard_normal(draws)
    weights = np.array([2.0, -1.0, 0.5])
    return answer.to_numpy(), inputs, (cov @ weights) ** 2 / (weights @ cov @ weights + 1)


def test_linear_and_normal_gives_the_squared_correlation():
    answer, inputs, exact = correlated(200_000, 4)
    found = value_of_information(answer, inputs).loc[list("abc")]
    assert found["removed"].to_numpy() == pytest.approx(exact, abs=0.01)
    assert found["sd_left"].to_numpy() == pytest.approx(answer.std() * np.sqrt(1 - exact), rel=0.01)


def test_the_most_valuable_comes_first_and_a_fixed_one_is_worth_nothing():
    answer, inputs, _ = correlated(5_000, 5)
    found = value_of_information(answer, inputs.assign(fixed=1.0))
    assert list(found["removed"]) == sorted(found["removed"], reverse=True)
    assert found.loc["fixed", "removed"] == 0


def test_what_has_nothing_to_do_with_it_is_worth_nothing():
    rng = np.random.default_rng(6)
    found = value_of_information(rng.standard_normal(20_000), pd.DataFrame({"x": rng.standard_normal(20_000)}))
    assert found.loc["x", "removed"] < 0.005


def test_the_doubt_of_an_event():
    """Y = (X + e > 0) with X, e standard normal: knowing X leaves E[p(1 - p)] = 1/4 - 1/(2π)·arcsin(1/2)."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal(200_000)
    event = x + rng.standard_normal(200_000) > 0
    found = value_of_information(event, pd.DataFrame({"x": x})).loc["x", "removed"]
    assert found == pytest.approx(4 * math.asin(0.5) / (2 * math.pi), abs=0.01)


def test_draws_are_many_known_and_different():
    answer, inputs, _ = correlated(500, 8)
    with pytest.raises(
        SensitivityError, match="Expected at least 1000 draws of outcome and inputs for 100 bins, found"
    ):
        value_of_information(answer, inputs, bins=100)
    with pytest.raises(
        SensitivityError, match="Expected finite numbers in every draw, found missing ones: leave such dr"
    ):
        value_of_information(answer, inputs.assign(a=math.nan))
    with pytest.raises(SensitivityError, match="Expected an outcome that differs between draws, found always one"):
        value_of_information(np.ones(500), inputs)
    assert sensitivity.LEVEL == 0.9
