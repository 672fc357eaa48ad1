"""Generated pages: escaped, linked, complete."""

import re

import pytest
from rooms import add_row, contract, resource, set_cell, write_contract, write_room

from attrition import pages, sources, values
from attrition.room import open_room

DETAILS = {"label": "A", "definition": "A <b>sum</b>.", "as_of": "2030-03-01", "sources": ["staff"]}


@pytest.fixture
def room(tmp_path):
    return write_room(tmp_path / "room")


def results():
    found = {
        "a.number": values.make("a.number", 5, unit="persons", interval=(4, 6), level=0.9, **DETAILS),
        "a.word": values.make("a.word", "lower", unit="words", **DETAILS),
    }
    document = values.document({"edition": "e"}, [("notebooks/n_m.ipynb", "h", found)])
    for row in document["values"].values():
        row["source_names"] = ["The <Staff>"]
    return document


def test_every_value_has_its_row_and_anchor():
    text = pages.values_page(results())
    assert 'id="a.number"' in text and 'id="a.word"' in text
    assert "(90 %)" in text and 'href="notebooks/n_m.html"' in text and 'href="sources.html#staff"' in text
    assert text.index('id="a.number"') < text.index("## Words that follow") < text.index('id="a.word"')


def test_words_from_data_are_escaped_everywhere(room):
    set_cell(room, "sources", "list", "note", "<script>alert(1)</script>")
    set_cell(room, "sources", "list", "name", "The <i>List</i>")
    add_row(room, "definitions", "odd,losses,<script>odd</script>,killed,flow,persons,no,,")
    generated = pages.generate(open_room(room), results())
    for text in generated.values():
        assert "<script" not in text and "<i>" not in text and "<b>" not in text
    assert "&lt;script&gt;" in generated["sources"] and "A &lt;b&gt;sum&lt;/b&gt;." in generated["values"]


def test_an_address_that_runs_code_is_no_link():
    assert pages.link("javascript:alert(1)", "x") == "x"
    assert pages.link("https://e.org/?a=1&b=2", "x") == '<a href="https://e.org/?a=1&amp;b=2">x</a>'
    assert pages.link("#here", "x") == '<a href="#here">x</a>'


def test_copies_are_named_and_linked(room):
    text = pages.generate(open_room(room), results())["sources"]
    row = re.search(r'<tr><th scope="row" id="echo">.*?</tr>', text, re.DOTALL)[0]
    assert 'href="#staff"' in row and 'href="#list"' in row


def test_a_party_is_named_by_its_side(room):
    war = open_room(room).war
    assert pages.role_words("party_aa", war) == "party to the war (Aland)"
    assert pages.role_words("think_tank", war) == "think tank"
    assert pages.role_words("party_zz", war) == "party zz"


def test_disputed_days_say_who_reads_what(room):
    text = pages.generate(open_room(room), results())["data"]
    assert "9,999" in text and "2,000, read by 2 of 3" in text
    assert "32, a tie" not in text  # guns: another measure than the room's daily claim


def test_counts_follow_the_cutoff(room):
    def count(cutoff):
        text = pages.generate(open_room(room, cutoff=cutoff), results())["sources"]
        return int(re.search(r'id="staff">.*?<td data-label="Figures here">(\d+)</td>', text)[1])

    assert count("2030-01-31") < count("2030-04-30")


def test_table_cells_carry_their_column_for_narrow_screens():
    text = pages.table("T", ["One", "Two"], [(pages.anchor("k", "a"), "b")])
    assert '<td data-label="Two">b</td>' in text and 'aria-label="T"' in text


def test_live_sources_say_whether_their_reader_was_verified(room):
    add_row(room, "sources", "us_eia,The Agency,office,https://e.org,,")
    add_row(room, "sources", "crea,The Centre,office,https://e.org,,")
    live = sources.manifests().values()
    text = pages.generate(open_room(room), results(), live)["sources"]
    _, section = text.split("## Live sources")
    assert section.count("<tr><td") == 2  # the others' speakers are not in this room
    assert section.count("Reader: tried on a file as served.") == 1
    assert section.count("Reader: not verified: written from documentation.") == 1
    assert section.count(">never<") == 2
    assert "## Live sources" not in pages.generate(open_room(room), results())["sources"]


def test_a_live_source_says_when_it_last_changed_something(room):
    package = contract(room)
    one = resource(package, "series/monthly")
    one["name"], one["refreshed"] = (
        "series/brent",
        {"brent_daily": {"prices": {"fetched": "2030-03-02T05:00:00+00:00"}}},
    )
    write_contract(room, package)
    add_row(room, "sources", "us_eia,The Agency,office,https://e.org,,")
    text = pages.generate(open_room(room), results(), sources.manifests().values())["sources"]
    assert "2 March 2030" in text
