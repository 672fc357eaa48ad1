"""Values: checked when recorded, read back from notebooks, joined into one document."""

import json
from dataclasses import asdict

import pandas as pd
import pytest

from attrition import values
from attrition.values import ValueRecordError

DETAILS = {
    "label": "Sample",
    "definition": "A synthetic number.",
    "unit": "persons",
    "as_of": "2026-05-31",
    "sources": ["somebody"],
}


def notebook(*found):
    outputs = [{"output_type": "display_data", "data": {values.MIME: asdict(value)}} for value in found]
    return json.loads(json.dumps({"cells": [{"cell_type": "code", "outputs": outputs}, {"cell_type": "markdown"}]}))


def test_a_reported_figure_is_quoted_exactly():
    value = values.make("a.total", 1364060, **DETAILS)
    assert (value.text, value.interval, value.lower, value.level) == ("1,364,060", "", None, None)


def test_an_estimate_is_rounded_by_its_interval():
    value = values.make("a.b", 21_234.5, interval=(18_211.0, 24_950.0), level=0.9, **DETAILS)
    assert value.value == 21_234.5
    assert value.text == "21,200" or value.text == "21,000"
    assert value.interval.count(" to ") == 1


def test_words_have_no_interval():
    assert values.make("a.word", "lower", **{**DETAILS, "unit": "words"}).text == "lower"


def test_dates_read_as_dates():
    assert values.make("a.day", "2026-05-31", **{**DETAILS, "unit": "date"}).text == "31 May 2026"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": "Bad Key"}, "Expected a key such as 'losses.monthly', found 'Bad Key'"),
        ({"sources": []}, "Expected at least one source for 'a.b', found none"),
        ({"value": float("nan")}, "Expected a finite number for 'a.b', found nan"),
        ({"interval": (1, 2)}, "Expected a level between 0 and 1 for the interval of 'a.b', found None"),
        ({"interval": (1, 2), "level": 90}, "Expected a level between 0 and 1 .* found 90"),
        (
            {"interval": (6, 9), "level": 0.9},
            "Expected the interval of 'a.b' to hold its value, found 5.0 outside 6 to 9",
        ),
        ({"interval": (9, 1), "level": 0.9}, "to hold its value"),
    ],
)
def test_what_cannot_be_argued_with_is_refused(change, message):
    arguments = {"key": "a.b", "value": 5, **DETAILS, **change}
    with pytest.raises(ValueRecordError, match=message):
        values.make(arguments.pop("key"), arguments.pop("value"), **arguments)


def test_values_survive_the_notebook():
    one, two = (
        values.make("a.one", 1, **DETAILS),
        values.make("a.two", 2.5, interval=(2, 3), level=0.5, **DETAILS),
    )
    assert values.collect(notebook(one, two)) == {"a.one": one, "a.two": two}


def test_a_key_recorded_twice_is_refused():
    one = values.make("a.one", 1, **DETAILS)
    with pytest.raises(ValueRecordError, match="'a.one' recorded twice in one notebook"):
        values.collect(notebook(one, one))
    with pytest.raises(ValueRecordError, match="'a.one' in n1.ipynb and n2.ipynb"):
        values.document({}, [("n1.ipynb", "h", {"a.one": one}), ("n2.ipynb", "h", {"a.one": one})])


def test_the_document_is_what_the_interface_promises_and_stable():
    one = values.make("a.one", 1, **DETAILS)
    head = {"edition": "x", "cutoff": "2026-05-31"}
    document = values.document(head, [("notebooks/n.ipynb", "abc", {"a.one": one})])
    promised = {
        "value",
        "lower",
        "upper",
        "level",
        "unit",
        "text",
        "definition",
        "as_of",
        "sources",
        "notebook",
    }
    assert promised | {"inputs_sha256"} <= set(document["values"]["a.one"])
    assert {"edition", "cutoff", "generated_from", "values"} <= set(document)
    again = values.document(head, [("notebooks/n.ipynb", "abc", {"a.one": one})])
    assert values.to_json(document) == values.to_json(again)
    other = values.document(head, [("notebooks/n.ipynb", "abd", {"a.one": one})])
    assert other["generated_from"] != document["generated_from"]


def test_recording_leaves_the_value_in_the_cell(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    value = values.record("a.one", 1234, **DETAILS)
    assert shown[0][values.MIME] == asdict(value) and shown[0]["text/plain"] == "a.one: 1,234"


def test_the_receipt_lists_what_was_opened(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))

    class Room:
        opened = frozenset({"series/b.csv", "evidence/a.csv", "../editions/2030-01.lock.json"})

        def seen(self):
            return {"series/b.csv": "hash"}

    values.receipt(Room())
    names = ["../editions/2030-01.lock.json", "evidence/a.csv", "series/b.csv"]
    assert shown[0][values.RECEIPT_MIME] == {"opened": names, "seen": {"series/b.csv": "hash"}}
    assert "[`evidence/a.csv`](../data/evidence/a.csv)" in shown[0]["text/markdown"]
    assert "[`editions/2030-01.lock.json`](../editions/2030-01.lock.json)" in shown[0]["text/markdown"]


def ahead(**changed):
    row = {"target": pd.Timestamp("2030-03-03"), "level": 0.9, "lower": 1.0, "median": 2.0, "upper": 4.0}
    return pd.DataFrame([row | changed])


def test_a_forecast_is_left_in_the_cell_and_read_back(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    values.foresee("a.weekly", ahead(), measure="m", side="AA", source="staff", origin=pd.Timestamp("2030-02-24"))
    found = values.forecasts({"cells": [{"outputs": [{"data": shown[0]}, {"text": "other"}]}]})
    rows = [["2030-03-03", 0.9, 1.0, 2.0, 4.0]]
    told = {"name": "a.weekly", "measure": "m", "side": "AA", "source": "staff", "origin": "2030-02-24", "rows": rows}
    assert found == [told]


@pytest.mark.parametrize(
    ("name", "frame", "message"),
    [
        (
            "A weekly",
            ahead(),
            "Expected a forecast with a name such as 'losses.weekly' and columns .*, found 'A w",
        ),
        ("a.b", ahead().drop(columns="level"), "and columns target, level, lower, median, upper, found 'a.b' with"),
        ("a.b", ahead(lower=3.0), "Expected intervals of 'a.b' that hold their median, found 3.0 to 4.0 around 2.0"),
        ("a.b", ahead(level=1.0), "Expected intervals of 'a.b' that hold their median, .* at level 1.0"),
    ],
)
def test_a_forecast_that_cannot_be_scored_is_refused(name, frame, message):
    about = {"measure": "m", "side": "AA", "source": "staff", "origin": "2030-02-24"}
    with pytest.raises(ValueRecordError, match=message):
        values.foresee(name, frame, **about)
