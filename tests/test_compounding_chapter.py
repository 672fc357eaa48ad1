"""The chapter on compounding: that its share is what its own outcomes say, and that it stays silent without a price."""

from functools import partial

import chapters
import numpy as np
import pytest

chapter = partial(chapters.run, "compounding", draws=1000)


@pytest.fixture(scope="module")
def usual():
    return chapter(weights="oil 0.2, tech 0.2, losses 0.6")


def test_the_parts_add_up_and_oil_does_not_touch_losses(usual):
    moved = usual["moved"]
    assert moved.parts["shapley"].sum() == pytest.approx(moved.joint)
    assert moved.lower <= moved.share <= moved.upper
    assert moved.pairs[("oil", "losses")] == pytest.approx(0, abs=1e-6)
    assert (moved.parts[["median", "upper"]] <= 1e-6).all(axis=None)


def test_the_accounts_are_those_of_the_balance(usual):
    space = chapters.run("manpower_balance", until="closure", draws=1000)
    assert space["today"].keys() == usual["today"].keys()
    for name, drawn in space["today"].items():
        assert np.array_equal(drawn, usual["today"][name]), name


def test_without_the_link_tech_and_losses_do_not_touch(usual):
    def pair(link):
        outcome = {team: usual["flow"](team, usual["even"], link, 0.5) for team in usual["teams"]}
        both, one, other = (frozenset(team) for team in (("tech", "losses"), ("tech",), ("losses",)))
        return (outcome[both] - outcome[one] - outcome[other] + outcome[frozenset()]).mean()

    assert pair(0.0) == pytest.approx(0, abs=1e-6) and pair(1.0) < -50


def test_more_of_everything_never_helps(usual):
    everybody, nobody = usual["everybody"], usual["nobody"]
    assert (usual["flow"](everybody) <= usual["flow"](nobody) + 1e-6).all()
    assert (usual["risk"][everybody] >= usual["risk"][nobody]).all()


def test_with_one_pressure_alone_nothing_compounds():
    moved = chapter(extra_discount_usd=0.0, import_premium=0.0, losses_up=0.0)["moved"]
    assert moved.share == pytest.approx(0, abs=1e-9) and moved.probability == 0


def test_without_a_price_of_recruits_nothing_is_put_on_one_scale():
    space = chapter(cutoff="2023-09-30")
    assert space["moved"] is None and space["broken"] is None and space["corners"].empty
