"""The scanner of numerals: what it finds, what it lets pass, and that the built site holds nothing unbound."""

import json
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

sys.path.insert(0, str(Path(__file__).parent))

import numerals
from browser import NAMES, SITE, need

ROW = {"text": "1,364,060", "interval": "", "level": None}


def article(content):
    return BeautifulSoup(f"<body><nav>77</nav><article>{content}</article></body>", "html.parser")


def found(content, **given):
    return [numeral for numeral, _ in numerals.on_page(article(content), **given)]


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        ("About 37,000 were lost.", ["37,000"]),
        ("A share of 72 % and a ratio of 2.5.", ["72", "2.5"]),
        ("It fell by −5 % or -3 points.", ["−5", "-3"]),
        ("It cost $80 or 60bn.", ["80", "60"]),
        ("Since 2022, in May 2026, on 21 August 2026, from 2026-05-31, in the 1990s, in 2023–24.", []),
        ("On 3 and 4 May. From 9 to 12 July 2025.", []),
        ("The force of 2000 soldiers", ["2000"]),
        ("A loss of 2024 % is no year.", ["2024"]),
        ("T-90 tanks, the G7, SU-34, H1 and COVID-19 are names.", []),
        ("one in ten, thirteen weeks", []),
    ],
)
def test_numerals_of_a_sentence(words, hits):
    assert found(f"<p>{words}</p>") == hits


@pytest.mark.parametrize(
    "content",
    [
        '<p><span class="value"><a class="value-link">32,644</a><span class="value-note">90 %</span></span></p>',
        '<p class="key-number-text">5</p><p class="key-number-interval">1 to 3</p>',
        '<div class="result-figure"><figcaption>5 weeks</figcaption><table><td>7</td></table></div>',
        '<div class="cell_output"><table><td>7</td></table></div>',
        '<table class="room"><td>7</td></table>',
        "<p><code>p=3</code> <math><mn>4</mn></math></p><pre>5</pre>",
        '<p>The level is <span class="fixed">0.9</span>.</p><div class="fixed"><table><td>1 to 5 %</td></table></div>',
        "<p>words<!-- 5 --></p><script>5</script>",
    ],
)
def test_what_stands_behind_something_passes(content):
    assert found(content) == []


def test_a_planted_number_is_found_among_bound_ones():
    bound = '<span class="value"><a class="value-link">32,644</a></span>'
    assert found(f"<p>Of {bound} a month 9,999 were</p><table><tr><td>12</td></tr></table>") == ["9,999", "12"]
    assert found('<p class="key-number-label">The 50 states</p>') == ["50"]
    assert found('<div class="cell_input">4</div><div class="cell"><p>5</p></div>') == ["5"]


def test_the_level_passes_where_all_intervals_have_it():
    words = "<p>It is 5 (90 % interval) or within 90 % of it; 80 % intervals.</p>"
    assert found(words) == ["5", "90", "90", "80"]
    assert found(words, level="90 %") == ["5", "90", "80"]
    assert numerals.level([{**ROW, "interval": "1 to 2", "level": 0.9}, ROW]) == "90 %"
    assert numerals.level([{**ROW, "interval": "1 to 2", "level": level} for level in (0.5, 0.9)]) == ""


def test_on_a_fixed_page_only_what_reads_like_a_recorded_value_is_found():
    page = '<div data-fixed="constants">The penalty is 3; 52 weeks; the claim is 1,364,060, by 1,364,061.</div>'
    telling = numerals.telling([ROW, {**ROW, "text": "52"}])
    assert found(page, telling=telling) == ["1,364,060"]


def test_sentences_name_page_number_and_place(tmp_path):
    (tmp_path / "index.html").write_text(str(article("<p>They lost 9,999 of them.</p>")), encoding="utf-8")
    (tmp_path / "values.json").write_text(json.dumps({"values": {"a": ROW}}), encoding="utf-8")
    (sentence,) = numerals.unbound(tmp_path)
    assert sentence.startswith("index.html: '9,999' in 'They lost 9,999 of them.' is typed: record it")


def test_every_numeral_of_the_site_is_bound():
    need(NAMES, f"Expected a built site in {SITE}, found no index.html: run 'make book' first.")
    assert numerals.unbound(SITE) == []
