"""The table of examples is the specification: how a number, range, date or likelihood reads in the book."""

import ast
import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attrition import wording
from attrition.wording import WordingError

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)
COUNTS = st.floats(min_value=0.001, max_value=1e9)

EXAMPLES = [
    # numbers: exact when whole, a true minus, sensible decimals otherwise
    ("number", (1364060,), {}, "1,364,060"),
    ("number", (0,), {}, "0"),
    ("number", (-0.0,), {}, "0"),
    ("number", (-29000,), {}, "−29,000"),
    ("number", (1234.5,), {}, "1,235"),
    ("number", (71.25,), {}, "71.3"),
    ("number", (2.0,), {}, "2"),
    ("number", (2.36,), {}, "2.36"),
    ("number", (2.504,), {}, "2.5"),
    ("number", (0.0312,), {}, "0.031"),
    ("number", (1e-17,), {}, "0"),
    ("number", (71.25,), {"decimals": 2}, "71.25"),
    ("number", (71.2,), {"decimals": 2}, "71.20"),
    ("number", (0.125,), {"decimals": 2}, "0.13"),
    ("number", (-0.001,), {"decimals": 1}, "0.0"),
    ("number", (np.int64(1100),), {}, "1,100"),
    ("number", (np.float32(0.1),), {}, "0.1"),
    ("number", (Decimal("99.75"),), {"decimals": 2}, "99.75"),
    ("signed", (4200,), {}, "+4,200"),
    ("signed", (-310,), {}, "−310"),
    ("signed", (0,), {}, "0"),
    ("signed", (0.004,), {"decimals": 1}, "0.0"),
    ("large", (9_862_000_000_000,), {}, "9.86 trillion"),
    ("large", (2_000_000_000,), {}, "2 billion"),
    ("large", (999_999_999,), {}, "1 billion"),
    ("large", (-38_640_000,), {}, "−38.6 million"),
    ("large", (412_345,), {}, "412,345"),
    # counting, ranks, lists
    ("count", (1, "week"), {}, "one week"),
    ("count", (9, "week"), {}, "nine weeks"),
    ("count", (13, "week"), {}, "13 weeks"),
    ("count", (0, "week"), {}, "no weeks"),
    ("count", (2, "family", "families"), {}, "two families"),
    ("count", (2.5, "month"), {}, "2.5 months"),
    ("count", (1641, "day"), {}, "1,641 days"),
    ("ordinal", (1,), {}, "first"),
    ("ordinal", (9,), {}, "ninth"),
    ("ordinal", (11,), {}, "11th"),
    ("ordinal", (22,), {}, "22nd"),
    ("ordinal", (103,), {}, "103rd"),
    ("ordinal", (112,), {}, "112th"),
    ("ordinal", (1001,), {}, "1,001st"),
    ("listing", (["a"],), {}, "a"),
    ("listing", (["a", "b"],), {}, "a and b"),
    ("listing", (["a", "b", "c"],), {}, "a, b and c"),
    ("listing", ([],), {"empty": "none"}, "none"),
    ("missing", (None,), {}, "not known"),
    ("missing", (math.nan,), {}, "not known"),
    ("missing", (pd.NA,), {}, "not known"),
    ("missing", (pd.NaT,), {}, "not known"),
    ("missing", (1200,), {}, "1,200"),
    ("missing", (0.5,), {"say": wording.percent}, "50 %"),
    ("missing", (None,), {"words": "no figure"}, "no figure"),
    # estimates: no finer than a tenth of the interval's width
    ("estimate", (31_234, 29_030, 33_370), {}, "31,000"),
    ("estimate", (2.361, 1.9, 3.1), {}, "2.4"),
    ("estimate", (2.0, 1.9, 3.1), {}, "2.0"),
    ("estimate", (-640, -2900, 990), {}, "−500"),
    ("estimate", (1234,), {}, "1,234"),
    ("estimate", (7, 7, 7), {}, "7"),
    ("interval", (29_000, 33_500), {}, "29,000 to 33,500"),
    ("interval", (29_030, 33_370), {}, "29,000 to 33,500"),
    ("interval", (-2_900, 990), {}, "−3,000 to 1,000"),
    ("interval", (-0.2, 0.2), {}, "−0.20 to 0.20"),
    ("interval", (1.94, 3.06), {}, "1.8 to 3.2"),
    ("interval", (7, 7), {}, "7"),
    ("span", (29_000, 33_400), {}, "29,000 to 33,400"),
    ("span", (5, 5), {}, "5"),
    ("range_first", (31_234, 29_030, 33_370), {}, "29,000 to 33,500, centre 31,000"),
    ("range_first", (5, 5, 5), {}, "5"),
    # shares
    ("percent", (0.124,), {}, "12 %"),
    ("percent", (0.04,), {}, "4 %"),
    ("percent", (0.0432,), {}, "4.3 %"),
    ("percent", (0.995,), {}, "99.5 %"),
    ("percent", (0.9996,), {}, "more than 99.9 %"),
    ("percent", (0.0002,), {}, "less than 0.1 %"),
    ("percent", (0,), {}, "0 %"),
    ("percent", (1,), {}, "100 %"),
    ("percent", (1 + 2e-16,), {}, "100 %"),
    ("percent", (0.5,), {"digits": 1}, "50.0 %"),
    ("percent", (1.34,), {"beyond": True}, "134 %"),
    ("percent", (-0.08,), {"beyond": True}, "−8 %"),
    ("percent", (-0.0001,), {"beyond": True}, "just below 0 %"),
    ("percent_estimate", (0.284, 0.2, 0.36), {}, "28 %"),
    ("percent_interval", (0.284, 0.355), {}, "28 to 36 %"),
    ("percent_interval", (-0.1, 0.3), {"beyond": True}, "−10 to 30 %"),
    ("percentage_points", (0.032,), {}, "3.2 percentage points"),
    ("percentage_points", (0.01,), {}, "1 percentage point"),
    ("percentage_points", (-0.124,), {}, "−12 percentage points"),
    ("p_value", (0.031,), {}, "p = 0.031"),
    ("p_value", (1e-9,), {}, "p < 0.001"),
    # changes, each with its base
    ("change", (960, 1000), {"base_words": "the average of 2025"}, "4 % lower than the average of 2025"),
    ("change", (1013, 1000), {"base_words": "in May"}, "about the same as in May"),
    ("change", (987, 1000), {"base_words": "in May"}, "about the same as in May"),
    ("change", (1020, 1000), {"base_words": "in May"}, "2 % higher than in May"),
    ("change", (1500, 1000), {"base_words": "in May"}, "50 % higher than in May"),
    ("change", (2000, 1000), {"base_words": "the level of May"}, "twice the level of May"),
    ("change", (2400, 1000), {"base_words": "the level of May"}, "2.4 times the level of May"),
    ("change", (23_700, 1000), {"base_words": "the level of May"}, "24 times the level of May"),
    ("change", (0, 1000), {"base_words": "in May"}, "100 % lower than in May"),
    # likelihoods: an edge belongs to the more cautious word
    ("likelihood", (0.0,), {}, "less than 1 in 100"),
    ("likelihood", (0.01,), {}, "almost no chance"),
    ("likelihood", (0.05,), {}, "very unlikely"),
    ("likelihood", (0.2,), {}, "unlikely"),
    ("likelihood", (0.45,), {}, "roughly even"),
    ("likelihood", (0.5,), {}, "roughly even"),
    ("likelihood", (0.55,), {}, "roughly even"),
    ("likelihood", (0.5501,), {}, "likely"),
    ("likelihood", (0.8,), {}, "likely"),
    ("likelihood", (0.95,), {}, "very likely"),
    ("likelihood", (0.99,), {}, "almost certain"),
    ("likelihood", (0.9901,), {}, "more than 99 in 100"),
    ("likelihood_that", (0.03,), {}, "there is almost no chance that"),
    ("likelihood_that", (0.6,), {}, "it is likely that"),
    ("likelihood_that", (0.999,), {}, "there are more than 99 chances in 100 that"),
    ("likelihood_range", ("almost no chance",), {}, "1 to 5 %"),
    ("likelihood_range", ("very likely",), {}, "80 to 95 %"),
    ("direction", (0.9,), {}, "very likely rising"),
    ("direction", (0.7,), {}, "likely rising"),
    ("direction", (0.5,), {}, "no clear direction"),
    ("direction", (0.1,), {}, "very likely falling"),
    ("direction", (0.002,), {}, "almost certainly falling"),
    # dates
    ("day", (date(2026, 8, 21),), {}, "21 August 2026"),
    ("day", ("2026-08-01",), {}, "1 August 2026"),
    ("day", (pd.Timestamp("2026-08-21 13:00"),), {}, "21 August 2026"),
    ("day", (np.datetime64("2026-08-21T00:00:00.000000000"),), {}, "21 August 2026"),
    ("month", (datetime(2026, 8, 21, 5),), {}, "August 2026"),
    ("short_day", ("2026-09-03",), {}, "3 Sep 2026"),
    ("short_month", ("2026-09-03",), {}, "Sep 2026"),
    ("period", ("2026-05-01", "2026-05-28"), {}, "1 to 28 May 2026"),
    ("period", ("2026-04-01", "2026-05-28"), {}, "1 April to 28 May 2026"),
    ("period", ("2025-12-30", "2026-01-04"), {}, "30 December 2025 to 4 January 2026"),
    ("period", ("2025-05-04", "2026-05-04"), {}, "4 May 2025 to 4 May 2026"),
    ("period", ("2026-05-04", "2026-05-04"), {}, "4 May 2026"),
    ("period", ("2026-02-01", "2026-02-28"), {}, "February 2026"),
    ("period", ("2024-02-01", "2024-02-28"), {}, "1 to 28 February 2024"),
    ("period", ("2026-03-01", "2026-05-31"), {}, "March to May 2026"),
    ("period", ("2022-03-01", "2026-05-31"), {}, "March 2022 to May 2026"),
    ("period", ("2025-01-01", "2025-12-31"), {}, "2025"),
    ("period", ("2022-01-01", "2025-12-31"), {}, "2022 to 2025"),
    ("duration", (0,), {}, "no days"),
    ("duration", (0.4,), {}, "less than a day"),
    ("duration", (1,), {}, "one day"),
    ("duration", (7,), {}, "seven days"),
    ("duration", (14,), {}, "two weeks"),
    ("duration", (timedelta(days=182),), {}, "26 weeks"),
    ("duration", (95,), {}, "about 14 weeks"),
    ("duration", (365,), {}, "about 12 months"),
    ("duration", (1461,), {}, "four years"),
    ("duration", (1600,), {}, "about 4.4 years"),
]


@pytest.mark.parametrize(("name", "arguments", "options", "text"), EXAMPLES)
def test_reads_as_in_the_table(name, arguments, options, text):
    assert getattr(wording, name)(*arguments, **options) == text


def test_every_public_function_has_an_example():
    tree = ast.parse(Path(wording.__file__).read_text(encoding="utf-8"))
    public = {n.name for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")}
    assert public - {row[0] for row in EXAMPLES} == {"rounded", "is_missing"}


@pytest.mark.parametrize(
    ("value", "lower", "upper", "expected"),
    [
        (31_234, 29_030, 33_370, 31_000.0),
        (0.1234, 0.1, 0.2, 0.12),
        (7.3, 7.3, 7.3, 7.3),
        (-15, -20, -10, -15.0),
    ],
)
def test_rounded(value, lower, upper, expected):
    assert wording.rounded(value, lower, upper) == expected


BAD = [
    (
        "number",
        (None,),
        {},
        r"A number was expected, but None is missing: say it with wording\.missing\(\)\.",
    ),
    ("number", (math.nan,), {}, r"but nan is missing"),
    ("number", (pd.NA,), {}, r"but <NA> is missing"),
    (
        "number",
        (math.inf,),
        {},
        r"A finite number was expected, but found inf: say in words that it has no end\.",
    ),
    ("number", ("12",), {}, r"A number was expected, but found str '12': convert it first\."),
    ("number", (True,), {}, r"found bool True"),
    ("number", (np.array([1.0, 2.0]),), {}, r"found ndarray array"),
    ("count", (-1, "week"), {}, r"A count is nought or more, but found -1 'week': check the sum\."),
    ("ordinal", (0,), {}, r"A rank is a whole number from 1 on, but found 0: number places from one\."),
    ("ordinal", (1.5,), {}, r"found 1\.5"),
    (
        "listing",
        ([],),
        {},
        r"A list to be read needs an item, but it is empty: pass empty='none' to say so\.",
    ),
    ("estimate", (5, 1, None), {}, r"but None is missing"),
    (
        "estimate",
        (5, 6, 7),
        {},
        r"An estimate lies within its interval, but 5 is outside 6 to 7: pass the interval that belongs",
    ),
    ("interval", (7, 6), {}, r"An interval runs upwards, but found 7 to 6: swap its ends\."),
    ("span", (7, 6), {}, r"An interval runs upwards"),
    ("rounded", (5, 7, 6), {}, r"An interval runs upwards"),
    ("percent", (12,), {}, r"A share from 0 to 1 was expected, but found 12: divide a percentage by 100\."),
    ("percent", (-0.1,), {}, r"A share from 0 to 1"),
    ("percent", (math.nan,), {"beyond": True}, r"is missing"),
    ("p_value", (1.2,), {}, r"A probability from 0 to 1"),
    (
        "likelihood",
        (1.01,),
        {},
        r"A probability from 0 to 1 was expected, but found 1\.01: divide a percentage",
    ),
    ("likelihood", (-0.01,), {}, r"A probability from 0 to 1"),
    ("direction", (75,), {}, r"A probability from 0 to 1"),
    (
        "likelihood_range",
        ("maybe",),
        {},
        r"A likelihood word is one of 'almost no chance', .* but 'maybe' was given",
    ),
    ("change", (1, 2), {"base_words": " "}, r"A change states its base, but base_words is empty: say what"),
    (
        "change",
        (1, 0),
        {"base_words": "in May"},
        r"a base above 0, but found 1 against 0: state the difference",
    ),
    ("change", (-1, 2), {"base_words": "in May"}, r"found -1 against 2"),
    ("day", (pd.NaT,), {}, r"A date was expected, but NaT is missing: say it with wording\.missing\(\)\."),
    ("day", ("21.8.2026",), {}, r"A date or ISO text was expected, found '21\.8\.2026': write 2026-08-21\."),
    ("day", (20260821,), {}, r"found 20260821"),
    (
        "period",
        ("2026-05-02", "2026-05-01"),
        {},
        r"A period runs forward, but 2026-05-01 comes before 2026-05-02: swap",
    ),
    ("duration", (-3,), {}, r"A duration is nought or more days, but -3 was given: swap its ends\."),
]


@pytest.mark.parametrize(("name", "arguments", "options", "message"), BAD)
def test_says_what_is_wrong_in_one_sentence(name, arguments, options, message):
    with pytest.raises(WordingError, match=message) as caught:
        getattr(wording, name)(*arguments, **options)
    assert str(caught.value).endswith(".") and ". " not in str(caught.value)


def test_likelihoods_cover_one_to_99_percent_without_a_hole():
    edges = [(row.lower, row.upper) for row in wording.LIKELIHOODS]
    assert edges[0][0] == 0.01 and edges[-1][1] == 0.99
    assert all(before[1] == after[0] for before, after in pairwise(edges))


def read_back(text):
    return float(text.replace(",", "").replace(wording.MINUS, "-"))


@given(FINITE)
def test_number_round_trips(x):
    shown = read_back(wording.number(x))
    assert shown == pytest.approx(x, rel=0.0051 if abs(x) >= 1 else 0.051, abs=5.1e-7)
    assert math.copysign(1, shown) == math.copysign(1, x) or shown == 0


@given(st.integers(-(10**30), 10**30))
def test_whole_numbers_are_exact(n):
    assert int(wording.number(n).replace(",", "").replace(wording.MINUS, "-")) == n


@given(FINITE, st.integers(0, 6))
def test_fixed_decimals_are_within_half_a_unit(x, decimals):
    text = wording.number(x, decimals)
    assert len(text.partition(".")[2]) == decimals
    exact = Decimal(text.replace(",", "").replace(wording.MINUS, "-"))
    assert abs(exact - Decimal(repr(x))) <= Decimal(5).scaleb(-decimals - 1)


def ends(text):
    low, _, high = text.replace(",", "").replace(wording.MINUS, "-").partition(" to ")
    return Decimal(low), Decimal(high or low)


@given(FINITE, FINITE)
def test_interval_contains_both_ends_and_adds_little(a, b):
    lower, upper = sorted((a, b))
    if lower == upper:
        return
    low, high = ends(wording.interval(lower, upper))
    width = Decimal(repr(upper)) - Decimal(repr(lower))
    assert low <= Decimal(repr(lower)) and Decimal(repr(upper)) <= high
    assert high - low <= width * Decimal("1.5")


@given(FINITE, FINITE, st.floats(0, 1))
def test_estimates_are_never_finer_than_a_tenth_of_the_width(a, b, place):
    lower, upper = sorted((a, b))
    value = min(max(lower + place * (upper - lower), lower), upper)
    if lower == upper or not math.isfinite(value):
        return
    width = Decimal(repr(upper)) - Decimal(repr(lower))
    shown, _ = ends(wording.estimate(value, lower, upper))
    low, high = ends(wording.interval(lower, upper))
    step = smallest_allowed_step(width)
    assert step * 10 >= width and shown % step == 0 and low % step == 0 and high % step == 0
    assert low <= shown <= high
    assert abs(shown - Decimal(repr(value))) * 2 <= step
    assert wording.rounded(value, lower, upper) == pytest.approx(float(shown))


def smallest_allowed_step(width):
    """Search upwards through 1, 2, 5, 10, 20, ... from far below: not the module's own way to the step."""
    exponent = -330
    while Decimal(10).scaleb(exponent) * 10 < width:
        exponent += 1
    candidates = [Decimal(factor).scaleb(exponent) for factor in (1, 2, 5, 10)]
    return next(step for step in candidates if step * 10 >= width)


@given(st.floats(0, 1))
def test_likelihood_words_mirror_each_other(p):
    words = ["less than 1 in 100", *[row.word for row in wording.LIKELIHOODS], "more than 99 in 100"]
    here = words.index(wording.likelihood(p))
    there = words.index(wording.likelihood(Decimal(1) - Decimal(repr(p))))
    assert here + there == len(words) - 1


@given(st.floats(0, 1), st.floats(0, 1))
def test_likelihood_words_never_run_backwards(a, b):
    words = ["less than 1 in 100", *[row.word for row in wording.LIKELIHOODS], "more than 99 in 100"]
    low, high = sorted((a, b))
    assert words.index(wording.likelihood(low)) <= words.index(wording.likelihood(high))


@given(COUNTS, COUNTS)
def test_change_points_the_right_way(new, old):
    text = wording.change(new, old, base_words="the base")
    assert text.endswith(" the base")
    if abs(new / old - 1) < 0.019:
        assert text == "about the same as the base"
    elif new / old > 2.001:
        assert "times" in text or "twice" in text
    elif abs(new / old - 1) > 0.021:
        assert ("higher than" in text) == (new > old) or "twice" in text


@given(st.dates(date(1000, 1, 1)), st.integers(0, 4000))
def test_periods_name_both_ends(start, days):
    try:
        end = start + timedelta(days=days)
    except OverflowError:
        return
    text = wording.period(start, end)
    assert text.endswith(str(end.year)) and (str(start.year) in text)
    if start.month != end.month and " " in text.split(" to ")[0]:
        assert wording.MONTHS[start.month - 1] in text and wording.MONTHS[end.month - 1] in text


def test_imports_nothing_of_ours_and_touches_no_file():
    tree = ast.parse(Path(wording.__file__).read_text(encoding="utf-8"))
    modules = {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    modules |= {n.module or "." for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert modules == {"calendar", "collections.abc", "datetime", "decimal", "math", "numbers", "typing"}
    assert "open" not in {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
