"""A composite index as a cloud: worlds whose answer no choice can change, and ones where a choice decides."""

import numpy as np
import pandas as pd
import pytest

from attrition.models.pressure import composite
from attrition.models.pressure.composite import cloud, read_weights, table
from attrition.models.pressure.counts import FamilyError
from attrition.models.pressure.faults import PressureError

MONTHS = pd.date_range("2030-01-31", periods=24, freq="ME")
EQUAL = {"a": 0.5, "b": 0.5}


def frame(**columns):
    return pd.DataFrame(columns, index=MONTHS, dtype=float)


def readings(**columns):
    rows = [
        (month, name, "one", float(value))
        for name, values in columns.items()
        for month, value in zip(MONTHS, values, strict=False)
    ]
    return pd.DataFrame(rows, columns=["month", "pressure", "family", "value"])


# ---- known truth


def test_when_all_pressures_rise_together_every_variant_rises():
    found = cloud(frame(a=np.arange(24), b=np.arange(24) ** 2), EQUAL, draws=50)
    assert found.rising == 1
    assert (np.diff(found.variants, axis=-1) > 0).all()
    assert found.variants.shape == (3, 2, 50, 24)


def test_identical_pressures_leave_only_the_normalisation_to_choose():
    found = cloud(frame(a=np.arange(24), b=np.arange(24)), EQUAL, draws=50)
    assert found.choices["normalisation"] == pytest.approx(1)
    assert found.choices.drop("normalisation").max() < 1e-9


def test_opposite_pressures_are_decided_by_the_weights():
    opposite = frame(a=np.arange(24), b=np.arange(24)[::-1])
    found = cloud(opposite, EQUAL, draws=2000, seed=2)
    sums, products = (found.variants[:, place] for place in (0, 1))
    assert np.mean(sums[..., -1] > sums[..., 11]) == pytest.approx(0.5, abs=0.03)
    assert (products[..., -1] < products[..., 11]).mean() > 0.95  # a geometric mean punishes what is out of balance
    assert found.choices["weights"] > found.choices["normalisation"] > 0
    for first, share in ((0.9, 1), (0.1, 0)):
        leaning = cloud(opposite, {"a": first, "b": 1 - first}, draws=200, concentration=1000).variants[:, 0]
        assert np.mean(leaning[..., -1] > leaning[..., 11]) == share


def test_a_lopsided_month_is_decided_by_the_aggregation():
    lopsided = frame(a=[0.0, 100.0] * 12, b=[100.0, 0.0] * 12)
    found = cloud(lopsided, EQUAL, draws=200, concentration=5000)
    assert found.choices.idxmax() == "aggregation"


def test_units_do_not_matter():
    rng = np.random.default_rng(4)
    one = frame(a=rng.normal(size=24), b=rng.normal(size=24))
    other = one * [1000.0, 0.01] + [5.0, -3.0]
    same = {"draws": 40, "seed": 1}
    assert cloud(one, EQUAL, **same).variants == pytest.approx(cloud(other, EQUAL, **same).variants)


def test_quantiles_hold_the_variants_and_choices_add_up():
    rng = np.random.default_rng(6)
    found = cloud(frame(a=rng.normal(size=24), b=rng.normal(size=24)), EQUAL, draws=300)
    flat = found.variants.reshape(-1, 24)
    inside = (flat >= found.quantiles["lower"].to_numpy()) & (flat <= found.quantiles["upper"].to_numpy())
    assert inside.mean() == pytest.approx(0.9, abs=0.01)
    assert found.choices.sum() == pytest.approx(1) and found.choices.min() >= 0
    assert flat.min() >= 1 - 1e-9 and flat.max() <= 100 + 1e-9


def test_the_arithmetic_mean_is_never_below_the_geometric_one():
    rng = np.random.default_rng(8)
    found = cloud(frame(a=rng.normal(size=24), b=rng.normal(size=24)), EQUAL, draws=30)
    assert (found.variants[:, 0] >= found.variants[:, 1] - 1e-9).all()


def test_weights_scatter_around_their_centre_as_said():
    drawn = np.random.default_rng(0).dirichlet([10.0] * 3, size=20_000)
    assert drawn.std(axis=0) == pytest.approx([0.085] * 3, abs=0.003)


def test_one_seed_one_cloud():
    one = frame(a=np.arange(24), b=np.arange(24)[::-1])
    clouds = [cloud(one, EQUAL, draws=20, seed=seed).variants for seed in (1, 1, 2)]
    assert (clouds[0] == clouds[1]).all() and (clouds[0] != clouds[2]).any()


# ---- tables and weights


def test_a_table_runs_over_the_months_that_all_have():
    given = pd.concat([readings(a=range(24)), readings(b=range(20)).iloc[5:]])
    assert list(table(given).index) == list(MONTHS[5:20])


def test_families_are_never_joined():
    given = readings(a=range(24), b=range(24))
    given.loc[30:, "family"] = "two"
    with pytest.raises(FamilyError, match="Expected one family of figures for the pressure 'b', found 'one', 'two'"):
        table(given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (readings(a=range(24), b=range(24)).drop([30, 31]), "every month, found none for 2030-07 of b, 2030-08 of b"),
        (
            pd.concat([readings(a=range(9)), readings(b=range(24)).iloc[8:]]),
            "Expected at least 3 months that all of a, b",
        ),
        (pd.concat([readings(a=range(5)), readings(b=range(24)).iloc[8:]]), "found 0: give longer series"),
    ],
)
def test_months_must_be_there(given, words):
    with pytest.raises(PressureError, match=words):
        table(given)


def test_weights_are_read():
    assert read_weights("b 0.25, a 0.75", ["a", "b"]) == {"a": 0.75, "b": 0.25}
    assert read_weights("", list("abcd")) == dict.fromkeys("abcd", 0.25)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a 0.5, b 0.6", "Expected weights above 0 that add to 1, found .* with the sum 1.1: scale them"),
        ("a 1, b 0", "Expected weights above 0"),
        ("a 0.5, c 0.5", "Expected one weight for each of a, b, found 'a 0.5, c 0.5'"),
        ("a 0.5", "Expected one weight for each"),
        ("a 0.5, a 0.5", "Expected one weight for each"),
        ("a half, b half", "Expected weights as numbers, found 'a half, b half'"),
    ],
)
def test_weights_that_cannot_be_are_refused(text, words):
    with pytest.raises(PressureError, match=words):
        read_weights(text, ["a", "b"])


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        (frame(a=range(24), b=range(24)), {"weights": {"a": 0.5, "c": 0.5}}, "Expected weights of a, b, found a, c"),
        (frame(a=range(24), b=range(24)), {"weights": {"a": 0.5, "b": 0.4}}, "that add to 1, found .* the sum 0.9"),
        (frame(a=range(24), b=[1] * 24), {}, "Expected pressures that change, found b constant: leave them out"),
        (frame(a=range(24), b=range(24)).iloc[:2], {}, "Expected at least 3 months without a gap, found 2 with 0"),
        (frame(a=range(24), b=[np.nan, *range(23)]), {}, "found 24 with 1 values missing: pass what table returns"),
        (frame(a=range(24), b=range(24)), {"draws": 0}, "Expected 1 to 5000000 draws, found 0"),
        (frame(a=range(24), b=range(24)), {"concentration": 0}, "Expected a concentration above 0 and a level"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(given, options, words):
    with pytest.raises(PressureError, match=words):
        cloud(given, **{"weights": EQUAL, **options})


def test_the_choices_are_those_of_the_handbook():
    assert composite.NORMALISATIONS == ("min-max", "z-score", "rank")
    assert composite.AGGREGATIONS == ("arithmetic", "geometric")
