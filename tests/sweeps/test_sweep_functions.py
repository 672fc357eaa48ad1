"""Model functions as targets: arguments by name, results as values, whatever their shape."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from attrition.models import balance
from attrition.parameters import ParameterError
from attrition.sweeps import functions
from attrition.sweeps.plan import SweepError

SHARE = "attrition.models.balance:break_even_return_share"
RATIO = "attrition.models.exchange:ratio"


def pairs(result):
    return {one["key"]: one["value"] for one in functions.values_of(result)}


def test_a_call_gives_what_the_function_gives():
    given = functions.check(SHARE, {"casualties": "37500", "recruits": "3e4", "wounded_per_killed": 2.36})
    assert given == {"casualties": 37500, "recruits": 30000.0, "wounded_per_killed": 2.36}
    assert functions.call(SHARE, given) == balance.break_even_return_share(37500, 30000, 2.36)
    assert functions.full_name(SHARE.replace(":", ".")) == SHARE


def test_lists_become_ranges():
    given = {"a": [10, 20, 30], "b": [5, 10, 20], "draws": 1000, "seed": 1}
    found = pairs(functions.call(RATIO, functions.check(RATIO, given)))
    assert found["lower"] < found["median"] < found["upper"] and found["level"] == 0.9


def test_fields_of_a_dataclass_are_arguments_of_their_own():
    known = functions.takes("attrition.models.balance:simulate")
    assert known["force"][1] and not known["lag_months"][1] and {"months", "draws", "seed"} <= set(known)
    assert "parameters" not in known
    given = {"force": 700_000, "recruits": 30_000, "casualties": 35_000, "wounded_per_killed": 2.5}
    run = {**given, "return_share": 0.5, "months": 2, "draws": 1, "seed": 0}
    found = pairs(functions.call("attrition.models.balance:simulate", run))
    assert [found[f"force.0.{month}"] for month in range(3)] == [700000, 707500, 715000]


@dataclass(frozen=True)
class Thing:
    share: float
    name: str
    day: pd.Timestamp
    none: object = None


def test_results_of_every_shape_become_values():
    assert pairs(0.5) == {"result": 0.5}
    assert pairs(np.float64(2)) == {"result": 2.0}
    thing = Thing(0.5, "oil", pd.Timestamp("2030-01-02"))
    assert pairs(thing) == {"share": 0.5, "name": "oil", "day": "2030-01-02", "none": ""}
    assert pairs(pd.Series([1.0, 2.0], ["a", "b"])) == {"a": 1.0, "b": 2.0}
    assert pairs(pd.DataFrame({"x": [1, 2]}, ["a", "b"])) == {"a.x": 1.0, "b.x": 2.0}
    assert pairs({"a": float("nan")}) == {"a": "nan"}  # a word: no number that a mean could swallow


def test_frames_of_estimates_keep_their_intervals():
    frame = pd.DataFrame({"value": [2.0], "lower": [1.0], "upper": [3.0], "level": [0.9]}, ["killed"])
    (one,) = functions.values_of(frame)
    assert (one["key"], one["value"], one["lower"], one["upper"], one["level"]) == ("killed", 2.0, 1.0, 3.0, 0.9)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (np.zeros((40, 40)), "Expected numbers in 'result', found an array of 1,600: sum it up"),
        ({str(n): n for n in range(1001)}, "Expected a result of at most 1000 numbers, found more"),
        ({"a": {1}}, "Expected a number in 'a', found set"),
    ],
)
def test_results_that_are_no_values(result, message):
    with pytest.raises(SweepError, match=message):
        functions.values_of(result)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        (RATIO, {"a": [1, 2, 3], "b": [1, 2, 3], "seed": 1.5}, "Expected a whole number for 'seed' of .*, found '1.5'"),
        (
            SHARE,
            {"casualties": True, "recruits": 1, "wounded_per_killed": 1},
            "Expected a finite number for 'casualties'",
        ),
        (SHARE, {"casualties": "inf", "recruits": 1, "wounded_per_killed": 1}, "Expected a finite number .* 'inf'"),
    ],
)
def test_arguments_of_the_wrong_kind(name, given, message):
    with pytest.raises(ParameterError, match=message):
        functions.check(name, given)
