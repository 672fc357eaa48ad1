from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attrition import conversions
from attrition.conversions import convert
from attrition.definitions import (
    Definition,
    DefinitionError,
    Figure,
    Range,
    add,
    comparable,
    compare,
    difference,
    ratio,
    subtract,
)

DEAD = Definition("killed", "Dead in the period.", "persons", "flow", "killed")
DEAD_TOTAL = Definition("killed_cumulative", "Dead since the first day.", "persons", "flow", "killed", True)
WOUNDED = Definition("wounded", "Wounded in the period.", "persons", "flow", "wounded")
CASUALTIES = Definition("killed_wounded", "Dead and wounded in the period.", "persons", "flow", "killed_wounded")
PER_KILLED = Definition("wounded_per_killed", "Wounded for one dead.", "ratio", "ratio", "wounded;killed")
A_DAY = Definition("killed_per_day", "Dead a day.", "persons_per_day", "rate", "killed")
A_MONTH = Definition("killed_per_month", "Dead a month.", "persons_per_month", "rate", "killed")
MEN = Definition("men", "Men on a day.", "persons", "stock", "in_service")

JANUARY = {"as_of": date(2030, 1, 31), "start": date(2030, 1, 1), "end": date(2030, 1, 31)}
FEBRUARY = {"as_of": date(2030, 2, 28), "start": date(2030, 2, 1), "end": date(2030, 2, 28)}
MARCH = {"as_of": date(2030, 3, 31), "start": date(2030, 3, 1), "end": date(2030, 3, 31)}
QUARTER = {"as_of": date(2030, 3, 31), "start": date(2030, 1, 1), "end": date(2030, 3, 31)}


def figure(id_="x1", definition=DEAD, side="A", number=100.0, **changes):
    given = {"central": number, "source": "list", **(JANUARY if definition.per_period else {"as_of": JANUARY["as_of"]})}
    return Figure(id_, definition, side, **{**given, **changes})


def total(id_, day, number, **changes):
    return figure(id_, DEAD_TOTAL, number=number, as_of=day, **changes)


def test_a_definition_and_a_figure_come_from_rows():
    row = {"measure": "killed", "what": "Dead.", "unit": "persons", "nature": "flow", "counts": "killed", "note": "n"}
    definition = Definition.from_row({**row, "cumulative": "yes"})
    assert definition.cumulative and not definition.per_period
    nan = float("nan")
    cells = {"id": "x", "measure": "killed", "side": "A", "source": "s", "region": "", "partner": "", "low": 5.0}
    days = {"as_of": date(2030, 1, 31), "period_start": nan, "period_end": None}
    found = Figure.from_row({**cells, **days, "central": nan, "high": nan}, definition)
    assert (found.range, found.start, found.days) == (Range(5.0, None, None), None, None)


def test_a_row_needs_its_own_definition():
    with pytest.raises(DefinitionError, match="Row 'x' has the measure 'men', but the definition given is of 'killed'"):
        Figure.from_row({"id": "x", "measure": "men"}, DEAD)


def test_neighbouring_periods_add_up_in_any_order():
    january, february = figure("x1", low=90, high=120), figure("x2", number=50, **FEBRUARY, low=40, high=60)
    for pair in ((january, february), (february, january)):
        both = add(*pair)
        assert (both.range, both.start, both.end) == (Range(130, 150, 180), JANUARY["start"], FEBRUARY["end"])
        assert (both.as_of, both.days, both.side, both.source) == (FEBRUARY["as_of"], 59, "A", "list")


def test_a_floor_stays_a_floor_when_added():
    floor = figure("x2", number=None, low=10.0, **FEBRUARY)
    assert add(figure(), floor).range == Range(110.0, None, None)


def test_two_sides_add_up_over_one_period_when_that_is_said():
    both = add(figure("x1"), figure("x2", side="B", source="other", number=70), across_sides=True)
    assert (both.side, both.source, both.central, both.days) == ("A+B", "list+other", 170, 31)


UNADDABLE = {
    "measures": (figure("x1"), figure("x2", CASUALTIES, **FEBRUARY), "different measures; use a named conversion"),
    "stocks": (figure("x1", MEN), figure("x2", MEN), "a stock cannot be added"),
    "totals": (total("x1", date(2030, 1, 31), 1), total("x2", date(2030, 2, 28), 2), "a running total cannot be added"),
    "rates": (figure("x1", A_DAY), figure("x2", A_DAY), "a rate cannot be added"),
    "no period": (figure("x1"), figure("x2", start=None, end=None), "a flow needs its period"),
    "places": (figure("x1"), figure("x2", **FEBRUARY, region="North"), "they are of different places"),
    "sides": (figure("x1"), figure("x2", side="B"), "of the sides 'A' and 'B'; say across_sides=True"),
    "overlap": (figure("x1"), figure("x2", **QUARTER), "their periods overlap from 2030-01-01 to 2030-01-31"),
    "same": (figure("x1"), figure("x2"), "their periods overlap from 2030-01-01 to 2030-01-31"),
    "gap": (figure("x1"), figure("x2", **MARCH), "leave a gap from 2030-01-31 to 2030-03-01"),
}


@pytest.mark.parametrize(("a", "b", "reason"), UNADDABLE.values(), ids=UNADDABLE)
def test_what_does_not_add_up_is_refused_with_both_rows_named(a, b, reason):
    with pytest.raises(DefinitionError) as error:
        add(a, b)
    message = str(error.value)
    assert message.startswith(f"Cannot add 'x1' ({a.definition.measure}: {a.definition.what[:-1]}) and 'x2' (")
    assert b.definition.measure in message and b.definition.what[:-1] in message and reason in message


def test_two_sides_of_two_periods_do_not_add_up_even_when_said():
    with pytest.raises(DefinitionError, match="over one and the same period only"):
        add(figure("x1"), figure("x2", side="B", **FEBRUARY), across_sides=True)


def test_comparison_sees_whether_ranges_meet():
    low, wide, high = figure(low=1, high=5), figure("x2", low=4, high=9), figure("x3", low=6, high=8)
    assert [compare(low, wide), compare(low, high), compare(high, low)] == [0, -1, 1]
    assert compare(figure(number=None, low=10), figure("x2", number=5)) == 1
    assert compare(figure(number=None, high=10), figure("x2", number=5)) == 0


def test_alike_means_measure_and_length_of_period():
    assert comparable(figure(), figure("x2", **FEBRUARY))
    assert not comparable(figure(), figure("x2", **QUARTER))
    assert not comparable(figure(), figure("x2", CASUALTIES))
    assert not comparable(figure(), figure("x2", replace(DEAD, unit="thousand_persons")))


@pytest.mark.parametrize("verb", [compare, subtract, ratio])
def test_unlike_figures_are_never_put_side_by_side(verb):
    with pytest.raises(DefinitionError, match=r"'x1' \(killed: .*'x2' \(killed_wounded: .*different measures"):
        verb(figure(), figure("x2", CASUALTIES))
    with pytest.raises(DefinitionError, match="periods have 31 and 90 days; convert both to a rate first"):
        verb(figure(), figure("x2", **QUARTER))
    with pytest.raises(DefinitionError, match="a flow needs its period"):
        verb(figure(), figure("x2", start=None, end=None))


def test_levels_of_two_speakers_must_be_of_about_one_day_but_one_speakers_may_be_of_any_two():
    first, later = figure("x1", MEN, number=50), figure("x2", MEN, number=60, as_of=date(2030, 12, 31))
    assert ratio(later, first) == Range(1.2, 1.2, 1.2)
    assert subtract(later, first) == Range(10, 10, 10)
    with pytest.raises(DefinitionError, match="of 2030-12-31 and 2030-01-31; take rows at most 31 days apart"):
        compare(replace(later, source="other"), first)


def test_sides_are_divided_but_not_subtracted():
    ours, theirs = figure("x1", number=100, low=80, high=150), figure("x2", side="B", number=50, low=40, high=80)
    assert ratio(ours, theirs) == Range(1.0, 2.0, 3.75)
    with pytest.raises(DefinitionError, match="of the sides 'A' and 'B'; use ratio"):
        subtract(ours, theirs)


def test_running_totals_are_not_subtracted_but_converted():
    with pytest.raises(DefinitionError, match="another measure; use convert"):
        subtract(total("x1", date(2030, 2, 28), 5), total("x2", date(2030, 1, 31), 3))


def test_a_ratio_to_nothing_is_refused():
    with pytest.raises(DefinitionError, match="divisor may be zero or negative"):
        ratio(figure(), figure("x2", number=5, low=-1, high=9))


numbers = st.floats(0, 1e6)
ranges = st.lists(numbers, min_size=3, max_size=3).map(lambda ends: Range(*sorted(ends)))


@given(ranges, ranges, st.floats(0, 1), st.floats(0, 1))
def test_a_difference_holds_every_difference_of_what_it_is_made_of(x, y, u, v):
    one, other = x.low + u * (x.high - x.low), y.low + v * (y.high - y.low)
    low, central, high = difference(x, y)
    assert low - 1e-6 <= one - other <= high + 1e-6
    assert low <= central <= high


def test_a_month_is_the_difference_of_two_running_totals():
    january, february = total("x1", date(2030, 1, 31), 300.0), total("x2", date(2030, 2, 28), 450.0)
    month = convert("period_from_cumulative", february, january, to=DEAD)
    assert (month.central, month.range, month.start, month.end) == (
        150,
        Range(150, 150, 150),
        FEBRUARY["start"],
        FEBRUARY["end"],
    )
    assert month.definition == DEAD and month.id == "x2-x1"


def test_the_difference_with_a_floor_is_open_on_one_end():
    floor = total("x1", date(2030, 1, 31), None, low=300.0)
    month = convert("period_from_cumulative", total("x2", date(2030, 2, 28), 450.0), floor, to=DEAD)
    assert month.range == Range(None, None, 150.0)


def test_rates_follow_from_a_flow_and_its_days():
    assert convert("per_day", figure(number=310), to=A_DAY).range == Range(10, 10, 10)
    year = {"as_of": date(2030, 12, 31), "start": date(2030, 1, 1), "end": date(2030, 12, 31)}
    assert convert("per_month", figure(number=1200, **year), to=A_MONTH).central == pytest.approx(1200 / 12, rel=1e-3)
    assert convert("per_day", figure(number=None, low=31), to=A_DAY).range == Range(1, None, None)


def test_parts_add_up_to_the_whole_they_are_parts_of():
    whole = convert("sum_of_parts", figure("x1"), figure("x2", WOUNDED, number=300), to=CASUALTIES)
    assert (whole.central, whole.definition.counts) == (400, "killed_wounded")


def test_the_dead_among_casualties_follow_from_the_wounded_for_one_dead():
    ratio_ = figure("x2", PER_KILLED, number=3.0, low=2.0, high=4.0)
    dead = convert("killed_from_casualties", figure("x1", CASUALTIES, number=400), ratio_, to=DEAD)
    assert dead.range == pytest.approx((80, 100, 400 / 3))
    assert dead.definition == DEAD and dead.start == JANUARY["start"]


LATER, EARLIER = total("x1", date(2030, 2, 28), 450.0), total("x2", date(2030, 1, 31), 300.0)
UNFIT = {
    "unknown": (
        "per_year",
        (figure(),),
        A_DAY,
        "no conversion 'per_year'; choose one of killed_from_casualties, per_day",
    ),
    "count": (
        "per_day",
        (figure(), figure()),
        A_DAY,
        "takes one flow with its period, in this order, found 2 rows: give it 1",
    ),
    "no totals": ("period_from_cumulative", (figure(), figure("x2")), DEAD, "both must be running totals"),
    "result": ("period_from_cumulative", (LATER, EARLIER), WOUNDED, "the flow that belongs to 'killed_cumulative'"),
    "sources": ("period_from_cumulative", (LATER, replace(EARLIER, source="b")), DEAD, "of one source, side and place"),
    "sides": ("period_from_cumulative", (LATER, replace(EARLIER, side="B")), DEAD, "of one source, side and place"),
    "order": ("period_from_cumulative", (EARLIER, LATER), DEAD, "the first must be of a later day"),
    "floors": (
        "period_from_cumulative",
        (replace(LATER, central=None, low=9.0), replace(EARLIER, central=None, low=5.0)),
        DEAD,
        "two floors have no difference",
    ),
    "no flow": ("per_day", (LATER,), A_DAY, "it must be a flow with a first and a last day"),
    "rate": ("per_day", (figure(),), A_MONTH, "the result must be a rate in persons_per_day"),
    "counts": ("per_day", (figure("x1", WOUNDED),), A_DAY, "the result must be a rate"),
    "parts": ("sum_of_parts", (figure(), figure("x2")), CASUALTIES, "counts 'killed_wounded', not the two parts"),
    "kinds": (
        "sum_of_parts",
        (figure(), figure("x2", replace(WOUNDED, cumulative=True))),
        CASUALTIES,
        "nature, unit and",
    ),
    "times": ("sum_of_parts", (figure(), figure("x2", WOUNDED, **FEBRUARY)), CASUALTIES, "side, place, day and period"),
    "no ratio": (
        "killed_from_casualties",
        (figure("x1", CASUALTIES), figure("x2")),
        DEAD,
        "a figure of wounded_per_killed",
    ),
    "no dead": (
        "killed_from_casualties",
        (figure("x1", CASUALTIES), figure("x2", PER_KILLED)),
        WOUNDED,
        "must count killed",
    ),
    "other side": (
        "killed_from_casualties",
        (figure("x1", CASUALTIES), figure("x2", PER_KILLED, side="B")),
        DEAD,
        "both must be of one side",
    ),
}


@pytest.mark.parametrize(("name", "figures", "to", "reason"), UNFIT.values(), ids=UNFIT)
def test_an_unfit_conversion_says_what_is_wrong(name, figures, to, reason):
    with pytest.raises(DefinitionError, match=reason) as error:
        convert(name, *figures, to=to)
    if name in conversions.names() and len(figures) == 2 and "found 2 rows" not in str(error.value):
        assert all(f"'{one.id}' ({one.definition.measure}: " in str(error.value) for one in figures)


def test_every_conversion_says_what_it_takes():
    assert list(conversions.names()) == [
        "killed_from_casualties",
        "per_day",
        "per_month",
        "period_from_cumulative",
        "sum_of_parts",
    ]
    assert all(conversions.names().values())
