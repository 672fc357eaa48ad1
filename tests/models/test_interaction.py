"""Whether pressures compound: simulated worlds with a known answer, and every sentence that refuses bad input."""

import numpy as np
import pytest

from attrition.models.pressure.faults import PressureError
from attrition.models.pressure.interaction import decompose

PLAYERS = ["money", "goods", "losses"]
DRAWS = 4000


def sizes(seed=1):
    rng = np.random.default_rng(seed)
    return {one: rng.gamma(4, scale, DRAWS) for one, scale in zip(PLAYERS, (1.0, 0.5, 2.0), strict=True)}


def additive(team, start=300.0):
    return start - sum((sizes()[one] for one in team), np.zeros(DRAWS))


def with_product(strength):
    def world(team):
        both = strength * sizes()["money"] * sizes()["losses"] if {"money", "losses"} <= team else 0.0
        return additive(team) - both

    return world


# ---- a world without interaction


def test_exactly_additive_is_exactly_nought():
    found = decompose(additive, PLAYERS)
    assert (found.share, found.lower, found.upper, found.beyond) == (0, 0, 0, 0)
    assert found.probability == found.overlap == 0
    assert (found.pairs.abs() < 1e-9).all()
    assert found.parts["shapley"].to_numpy() == pytest.approx(found.parts["alone"].to_numpy())


def test_noise_that_does_not_belong_together_gives_no_verdict():
    def world(team):
        noise = np.random.default_rng(sum(ord(one[0]) ** 2 for one in team)).normal(0, 0.5, DRAWS)
        return additive(team) + noise

    found = decompose(world, PLAYERS)
    assert found.lower < 0 < found.upper
    assert found.probability < 0.55 and abs(found.share) < 0.02


# ---- worlds with a known one


@pytest.mark.parametrize("strength", [0.05, 0.2, 1.0])
def test_a_known_interaction_is_recovered(strength):
    product = strength * sizes()["money"] * sizes()["losses"]
    joint = sum(sizes().values()) + product
    found = decompose(with_product(strength), PLAYERS)
    assert found.share == pytest.approx(np.median(product / joint))
    assert (found.lower, found.upper) == pytest.approx(tuple(np.quantile(product / joint, [0.05, 0.95])))
    assert found.probability == pytest.approx(np.mean(product / joint > 0.05))
    assert found.joint == pytest.approx(-joint.mean()) and found.beyond == pytest.approx(-product.mean())


def test_a_pair_shares_its_interaction_evenly_and_the_third_has_no_part_in_it():
    product = 0.2 * sizes()["money"] * sizes()["losses"]
    found = decompose(with_product(0.2), PLAYERS)
    beyond = (found.parts["shapley"] - found.parts["alone"]).to_dict()
    assert beyond == pytest.approx({"money": -product.mean() / 2, "goods": 0, "losses": -product.mean() / 2}, abs=1e-9)
    assert found.pairs.to_numpy() == pytest.approx([0, -product.mean(), 0], abs=1e-9)
    assert found.parts["shapley"].sum() == pytest.approx(found.joint)


def test_shares_of_one_flow_overlap():
    cuts = {"money": 0.5, "goods": 0.5, "losses": 0.0}
    found = decompose(lambda team: np.full(30, 100 * np.prod([1 - cuts[one] for one in team])), PLAYERS)
    assert found.share == pytest.approx((75 - 100) / 75)
    assert found.overlap == 1 and found.probability == 0


def test_a_mark_passed_only_by_all_together_compounds():
    found = decompose(lambda team: (10 - sum(2 for _ in team) < 5) * np.ones(30), PLAYERS)
    assert found.share == 1 and found.probability == 1


def test_a_probability_gets_its_interval_from_rows_drawn_again():
    rng = np.random.default_rng(3)
    level = rng.normal(0, 1, 3000)
    push = {"money": 0.5, "goods": 0.3, "losses": 0.9}

    def world(team):
        return (level < -2 + sum(push[one] for one in team)).astype(float)

    from scipy.stats import norm

    p = {n: norm.cdf(-2 + x) for n, x in {**push, "all": 1.7, "none": 0}.items()}
    joint = p["all"] - p["none"]
    truth = (joint - sum(p[one] - p["none"] for one in PLAYERS)) / joint
    found = decompose(world, PLAYERS, statistic=np.mean, resamples=300)
    assert found.lower < truth < found.upper and found.upper - found.lower < 0.2
    assert found.share == pytest.approx(truth, abs=0.05) and found.probability == 1
    assert decompose(world, PLAYERS, statistic=np.mean, resamples=50, seed=1).share == pytest.approx(
        found.share, abs=0.03
    )


def test_draws_without_a_joint_effect_have_no_share():
    def world(team):
        return np.where(np.arange(40) < 10, 5.0, 5.0 + len(team))

    found = decompose(world, PLAYERS)
    assert found.undefined == 0.25 and len(found.shares) == 30


def test_the_threshold_says_what_counts_in_practice():
    strong, weak = (
        decompose(with_product(0.2), PLAYERS, threshold=0.9),
        decompose(with_product(0.2), PLAYERS, threshold=0),
    )
    assert strong.probability < 0.01 < 0.99 < weak.probability


# ---- bad input


@pytest.mark.parametrize(
    ("world", "players", "options", "words"),
    [
        (
            additive,
            ["money"],
            {},
            "Expected at least two different players, found .'money'.: one alone cannot compound",
        ),
        (additive, ["money", "money"], {}, "Expected at least two different players"),
        (lambda team: np.zeros(5), PLAYERS, {}, "Expected one outcome for each of at least 20 draws"),
        (lambda team: np.zeros(30 + len(team)), PLAYERS, {}, "the same number for every subset, found .*common draws"),
        (lambda team: np.full(30, np.inf), PLAYERS, {}, "Expected finite outcomes for every subset of players"),
        (lambda team: np.ones(30), PLAYERS, {}, "Expected a joint effect in at least one draw, found none"),
        (additive, PLAYERS, {"threshold": -1}, "Expected a threshold from 0 on and a level between 0 and 1, found -1"),
        (additive, PLAYERS, {"level": 1}, "found 0.05 and 1: set them"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(world, players, options, words):
    with pytest.raises(PressureError, match=words):
        decompose(world, players, **options)
