"""Parameters are known, typed and in range before anything starts."""

import json
from datetime import date

import pytest

from attrition import parameters
from attrition.parameters import ParameterError

DEFAULTS = {"cutoff": "2026-05-31", "seed": 1, "horizon_weeks": 26, "penalty": 3.0}


def notebook(tmp_path, source, tags=("parameters",)):
    path = tmp_path / "sample.ipynb"
    cells = [{"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": []}]
    path.write_text(json.dumps({"cells": cells}))
    return path


def test_text_from_the_command_line_becomes_typed():
    chosen = parameters.validate("c", DEFAULTS, {"cutoff": "2024-06-30", "horizon_weeks": "8", "penalty": "2"})
    assert chosen == {"cutoff": date(2024, 6, 30), "seed": 1, "horizon_weeks": 8, "penalty": 2.0}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"horizon_week": 8}, "Unknown parameter of c 'horizon_week': did you mean 'horizon_weeks'"),
        ({"zzz": 8}, "Unknown parameter of c 'zzz': known are cutoff, seed, horizon_weeks, penalty"),
        (
            {"horizon_weeks": "eight"},
            "Expected a whole number from 1 to 52 for parameter 'horizon_weeks' of c .*'eight'",
        ),
        ({"horizon_weeks": 0}, "from 1 to 52 .* found '0'"),
        ({"horizon_weeks": 53}, "from 1 to 52 .* found '53'"),
        ({"horizon_weeks": 8.5}, "Expected a whole number"),
        ({"penalty": "nan"}, "Expected a number from 1.0 to 10.0|Expected a number from 1 to 10"),
        (
            {"cutoff": "2024-02-30"},
            "Expected a date such as 2026-05-31 for parameter 'cutoff' of c .*'2024-02-30'",
        ),
        ({"cutoff": "yesterday"}, "Expected a date"),
        ({"seed": -1}, "Expected a whole number from 0 to 4294967295"),
    ],
)
def test_bad_parameters_get_one_sentence(given, message):
    with pytest.raises(ParameterError, match=message):
        parameters.validate("c", DEFAULTS, given)


def test_a_window_is_the_whole_war_or_a_year():
    chosen = parameters.validate("c", {"window": "whole war", "correlation": 0.0}, {"window": "2024"})
    assert chosen == {"window": "2024", "correlation": 0.0}
    words = "Expected 'whole war' or a year such as 2024 for parameter 'window' of c .stretch of the war.*, found '24'"
    with pytest.raises(ParameterError, match=words):
        parameters.validate("c", {"window": "whole war"}, {"window": "24"})
    described = parameters.describe({"window": "2025"})[0]
    assert (described["type"], described["default"]) == ("str", "2025")


@pytest.mark.parametrize(("name", "given"), [("correlation", 1), ("correlation", "nan"), ("least_area_km2", 0)])
def test_settings_of_the_exchange_chapter_have_ends(name, given):
    with pytest.raises(ParameterError, match=f"Expected a number from .* for parameter '{name}' of c"):
        parameters.validate("c", {name: 0.5 if name == "correlation" else 50}, {name: given})


def test_a_parameters_cell_is_read_without_running_it(tmp_path):
    source = 'cutoff: str = "2026-05-31"  # last day\nseed: int = 7  # draws\n'
    assert parameters.declared(notebook(tmp_path, source)) == {"cutoff": "2026-05-31", "seed": 7}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("seed = 7", "Expected only typed assignments such as 'seed: int = 1' .* found 'seed = 7'"),
        ("print(1)", "Expected only typed assignments"),
        ("sed: int = 7", "Unknown parameter in sample.ipynb 'sed': did you mean 'seed'"),
        ("seed: int = 3 + f(2)", r"Expected a plain default for 'seed' in sample.ipynb, found '3 \+ f\(2\)'"),
    ],
)
def test_a_malformed_cell_is_refused(tmp_path, source, message):
    with pytest.raises(ParameterError, match=message):
        parameters.declared(notebook(tmp_path, source))


def test_a_notebook_needs_one_parameters_cell(tmp_path):
    with pytest.raises(ParameterError, match="Expected one cell tagged 'parameters' in sample.ipynb, found 0"):
        parameters.declared(notebook(tmp_path, "seed: int = 7", tags=()))


def test_the_description_names_type_range_default_and_meaning():
    row = next(r for r in parameters.describe(DEFAULTS) if r["name"] == "horizon_weeks")
    assert row["type"] == "int" and row["default"] == 26 and row["range"] == "a whole number from 1 to 52"
    assert "weeks ahead" in row["meaning"]


def test_a_number_may_be_left_to_the_data():
    """None in the notebook, the word 'estimated' for people; a number beats both."""
    defaults = {"recruits": None}
    assert parameters.validate("c", defaults, {}) == {"recruits": None}
    assert parameters.validate("c", {"recruits": 30_000.0}, {"recruits": "estimated"}) == {"recruits": None}
    assert parameters.validate("c", defaults, {"recruits": "25000"}) == {"recruits": 25_000.0}
    described = parameters.describe(defaults)[0]
    assert (described["type"], described["default"]) == ("float", "estimated")
    for wrong in ("many", "inf", -1):
        with pytest.raises(ParameterError, match="Expected a number from 0 to 200000, or 'estimated' for .*'recruits'"):
            parameters.validate("c", defaults, {"recruits": wrong})


def test_weights_name_their_pressures_and_add_to_one():
    for given in ("", "oil 0.4, tech 0.3, losses 0.3", "oil 1"):
        assert parameters.validate("c", {"weights": ""}, {"weights": given}) == {"weights": given}
    words = "Expected text such as 'oil 0.4, tech 0.3, losses 0.3' that adds to one, or nothing for parameter 'weights'"
    for given in ("oil 0.4, tech 0.3", "oil 0.4 tech 0.6", "oil -1, tech 2", "0.5, 0.5"):
        with pytest.raises(ParameterError, match=words):
            parameters.validate("c", {"weights": ""}, {"weights": given})


def test_breaks_are_days_of_the_calendar_joined_by_commas():
    defaults = {"breaks": ""}
    for given in ("", "2025-10-22", "2025-10-22,2026-03-05"):
        assert parameters.validate("c", defaults, {"breaks": given}) == {"breaks": given}
    for given in ("2025-02-30", "2025-10-22,", "October", "2025-10-22 2026-03-05", "2025-1-1"):
        with pytest.raises(ParameterError, match=r"Expected days such as 2025-10-22,2026-03-05 or nothing .* found"):
            parameters.validate("c", defaults, {"breaks": given})


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("rate: {kind: number, meaning: m}", "a number needs from and to"),
        ("rate: {kind: ratio, meaning: m}", "one with kind"),
        ("rate: {kind: day, meaning: m, choices: [a]}", "choices go with the kind 'one of'"),
        ("rate: {kind: whole, from: 0, until: 3, meaning: m}", "one with until"),
        ("- rate", "Expected entries such as 'seed: .*' in .*parameters.yml, found none"),
    ],
)
def test_an_entry_unlike_its_kind_is_refused(tmp_path, written, message):
    path = tmp_path / "parameters.yml"
    path.write_text(written)
    with pytest.raises(ParameterError, match=message):
        parameters.vocabulary(path)


def test_an_entry_of_one_s_own_is_all_that_a_new_parameter_needs(tmp_path):
    path = tmp_path / "parameters.yml"
    path.write_text("rate: {kind: number, from: 0, to: 1, estimated: true, meaning: share a year}")
    entry = parameters.vocabulary(path)["rate"]
    assert (entry.lowest, entry.highest, entry.estimated, entry.meaning) == (0, 1, True, "share a year")
