"""How numbers, ranges, dates and likelihoods read: the only place of the book that turns a number into words.

Reported figures are quoted exactly (`number`, `span`); estimates are rounded to no finer than a tenth of the
width of their interval (`estimate`, `interval`); every change states its base (`change`); likelihood words
come from one table (`LIKELIHOODS`). Shares run from 0 to 1 and become percentages only here. A number that is
not known raises, so that it can never slip into a sentence; `missing` says so on purpose. No file is read.
"""

import math
import numbers
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

MINUS = "−"
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
ONES = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
SCALES = ((Decimal(10) ** 12, "trillion"), (Decimal(10) ** 9, "billion"), (Decimal(10) ** 6, "million"))
_THREE_DIGITS = Context(prec=3, rounding=ROUND_HALF_UP)
_EVERY_DIGIT = Context(prec=400)  # enough for the largest float and six decimals
SAME_SHARE = 0.02  # a change smaller than this share of its base reads "about the same as"
# Days below which a unit is used, its length in days, its name, its decimals; months and years are mean ones.
DURATIONS = (
    (14, Decimal(1), "day", 0),
    (183, Decimal(7), "week", 0),
    (1096, Decimal("30.4375"), "month", 0),
    (math.inf, Decimal("365.25"), "year", 1),
)
TIMES_RATIO = 2  # from this ratio on a rise reads as a multiple, not as a percentage
NOISE = Decimal("1e-9")  # what floating-point sums may put a share past 0 or 1
NOT_KNOWN = "not known"


class WordingError(ValueError):
    """Something has no words: a missing number, a reversed range, a share of 12."""


class Likelihood(NamedTuple):
    """One likelihood word, the probabilities it stands for, and how it reads in front of "that"."""

    word: str
    lower: float
    upper: float
    opening: str


# ICD 203, Analytic Standards (Office of the Director of National Intelligence, 2015), section D.6.e.(2)(a).
LIKELIHOODS = (
    Likelihood("almost no chance", 0.01, 0.05, "there is almost no chance"),
    Likelihood("very unlikely", 0.05, 0.20, "it is very unlikely"),
    Likelihood("unlikely", 0.20, 0.45, "it is unlikely"),
    Likelihood("roughly even", 0.45, 0.55, "there is a roughly even chance"),
    Likelihood("likely", 0.55, 0.80, "it is likely"),
    Likelihood("very likely", 0.80, 0.95, "it is very likely"),
    Likelihood("almost certain", 0.95, 0.99, "it is almost certain"),
)
BELOW_THE_TABLE = Likelihood("less than 1 in 100", 0.0, 0.01, "there is less than 1 chance in 100")
ABOVE_THE_TABLE = Likelihood("more than 99 in 100", 0.99, 1.0, "there are more than 99 chances in 100")


# ---- numbers ---------------------------------------------------------------


def number(x, decimals: int | None = None) -> str:
    """Write a number with commas for thousands and a true minus sign.

    Whole numbers are exact. Others show no decimals from 100 on, one from 10, two from 1, and two significant
    digits (at most six decimals) below 1, without trailing zeros; `decimals` fixes the count instead. Halves
    round away from zero. Raises `WordingError` for anything that is not a finite number.

    >>> number(1364060), number(-2.504), number(0.0312), number(71.2, decimals=2)
    ('1,364,060', '−2.5', '0.031', '71.20')
    """
    value = _decimal(x)
    if decimals is not None:
        return _digits(_round(value, decimals))
    text = _digits(_round(value, _sensible_decimals(value)))
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(x, decimals: int | None = None) -> str:
    """Write a number with its sign always shown, for tables of differences: "+4,200", "−310", "0"."""
    text = number(x, decimals)
    return text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def large(x) -> str:
    """Write a large sum to three digits in millions, billions or trillions; a smaller one in full.

    >>> large(9_862_000_000_000), large(38_640_000), large(412_000)
    ('9.86 trillion', '38.6 million', '412,000')
    """
    value = _THREE_DIGITS.create_decimal(_decimal(x))
    for scale, word in SCALES:
        if abs(value) >= scale:
            return f"{number(value / scale)} {word}"
    return number(x)


def count(n, singular: str, plural: str | None = None) -> str:
    """Count things: in words up to nine, in figures from ten on and for fractions; nought reads "no".

    >>> count(1, "week"), count(13, "week"), count(0, "reply", "replies"), count(2.5, "month")
    ('one week', '13 weeks', 'no replies', '2.5 months')
    """
    value = _decimal(n)
    if value < 0:
        raise WordingError(f"A count is nought or more, but found {n!r} {plural or singular!r}: check the sum.")
    noun = singular if value == 1 else plural or f"{singular}s"
    whole = value == value.to_integral_value()
    return f"{ONES[int(value)] if whole and value < len(ONES) else number(n)} {noun}"


def ordinal(n: int) -> str:
    """Write a rank: first to ninth in words, then 10th, 11th, 21st, 112th."""
    value = _decimal(n)
    if value < 1 or value != value.to_integral_value():
        raise WordingError(f"A rank is a whole number from 1 on, but found {n!r}: number places from one.")
    value = int(value)
    if value <= len(ORDINALS):
        return ORDINALS[value - 1]
    teen = value % 100 in (11, 12, 13)
    return f"{number(value)}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"


def listing(items: Iterable, empty: str | None = None) -> str:
    """Join things for a sentence: "a", "a and b", "a, b and c"; `empty` is what an empty list reads.

    Raises `WordingError` for an empty list without a word for it.
    """
    words = [str(item) for item in items]
    if not words and empty is None:
        raise WordingError("A list to be read needs an item, but it is empty: pass empty='none' to say so.")
    if len(words) < 2:
        return words[0] if words else empty
    return f"{', '.join(words[:-1])} and {words[-1]}"


def missing(x, say: Callable = number, words: str = NOT_KNOWN) -> str:
    """Say a number with `say`, or that it is not known, where None, NaN, NaT and NA are expected.

    >>> missing(float("nan")), missing(1200)
    ('not known', '1,200')
    """
    return words if is_missing(x) else say(x)


def is_missing(x) -> bool:
    """Tell whether a single value is None, NaN, NaT or NA."""
    if x is None or type(x).__name__ in ("NAType", "NaTType"):
        return True
    return not hasattr(x, "__len__") and bool(x != x)


# ---- estimates -------------------------------------------------------------


def rounded(value: float, lower: float, upper: float) -> float:
    """Round an estimate to the step its interval allows.

    The step is the smallest 1, 2 or 5 times a power of ten that is at least a tenth of the interval's width.

    >>> rounded(31_234, 29_030, 33_370)
    31000.0
    """
    step = _step(lower, upper)
    return float(_to_step(_decimal(value), step, ROUND_HALF_UP)) if step else float(value)


def estimate(value, lower=None, upper=None) -> str:
    """Write an estimate no finer than a tenth of the width of its interval; without an interval as `number`.

    Raises `WordingError` if one end is given without the other or the estimate lies outside its interval.

    >>> estimate(31_234, 29_030, 33_370), estimate(2.361, 1.9, 3.1)
    ('31,000', '2.4')
    """
    if lower is None and upper is None:
        return number(value)
    step = _step(lower, upper)
    if not _decimal(lower) <= _decimal(value) <= _decimal(upper):
        raise WordingError(
            f"An estimate lies within its interval, but {value!r} is outside {lower!r} to {upper!r}: "
            "pass the interval that belongs to it."
        )
    return _digits(_to_step(_decimal(value), step, ROUND_HALF_UP)) if step else number(value)


def interval(lower, upper) -> str:
    """Write the interval of an estimate, its ends rounded outwards to the step of `rounded`.

    So the range shown never claims more than was estimated. An interval of no width reads as one number.
    Reported ranges, quoted exactly, are for `span`.

    >>> interval(29_030, 33_370), interval(-2_900, 990), interval(7, 7)
    ('29,000 to 33,500', '−3,000 to 1,000', '7')
    """
    step = _step(lower, upper)
    if not step:
        return number(lower)
    low = _to_step(_decimal(lower), step, ROUND_FLOOR)
    high = _to_step(_decimal(upper), step, ROUND_CEILING)
    return f"{_digits(low)} to {_digits(high)}"


def span(lower, upper) -> str:
    """Write a reported range exactly as it was published: "29,000 to 33,400"."""
    _step(lower, upper)
    return number(lower) if _decimal(lower) == _decimal(upper) else f"{number(lower)} to {number(upper)}"


def range_first(value, lower, upper) -> str:
    """Write the interval first and the estimate after it: "29,000 to 33,500, centre 31,000"."""
    centre = estimate(value, lower, upper)
    return centre if _decimal(lower) == _decimal(upper) else f"{interval(lower, upper)}, centre {centre}"


# ---- shares, changes, likelihoods ------------------------------------------


def percent(share, digits: int | None = None, *, beyond: bool = False) -> str:
    """Write a share from 0 to 1 as a percentage: whole from 10 % on, one decimal below, no false 0 or 100.

    `beyond` allows shares below 0 and above 1 (a return share that no scenario can reach). Otherwise they
    raise `WordingError`: a percentage was probably passed where a share belongs.

    >>> percent(0.124), percent(0.0432), percent(0.0002), percent(0.9996), percent(0.5, digits=1)
    ('12 %', '4.3 %', 'less than 0.1 %', 'more than 99.9 %', '50.0 %')
    """
    value = _share(share, beyond) * 100
    if digits is not None:
        return f"{number(value, digits)} %"
    if 0 < abs(value) < Decimal("0.1"):
        return "less than 0.1 %" if value > 0 else "just below 0 %"
    if Decimal("99.9") < value < 100:
        return "more than 99.9 %"
    return f"{number(_round(value, 0 if 10 <= abs(value) < 99 or abs(value) > 100 else 1))} %"


def percent_estimate(share, lower, upper, *, beyond: bool = False) -> str:
    """Write an estimated share as a percentage, rounded as `estimate` rounds: "28 %"."""
    return f"{estimate(*(_share(value, beyond) * 100 for value in (share, lower, upper)))} %"


def percent_interval(lower, upper, *, beyond: bool = False) -> str:
    """Write an interval of shares as percentages, rounded outwards as `interval`: "28 to 36 %"."""
    return f"{interval(_share(lower, beyond) * 100, _share(upper, beyond) * 100)} %"


def percentage_points(difference) -> str:
    """Write the difference of two shares: 0.032 reads "3.2 percentage points"."""
    value = _round(_decimal(difference) * 100, 0 if abs(_decimal(difference)) >= Decimal("0.1") else 1)
    return f"{number(value)} percentage point{'' if abs(value) == 1 else 's'}"


def p_value(p) -> str:
    """Write the p-value of a test: two significant digits, "p < 0.001" below that."""
    value = _share(p, noun="probability")
    return "p < 0.001" if value < Decimal("0.001") else f"p = {number(value)}"


def change(new, old, *, base_words: str) -> str:
    """Compare a number with its base, which is always named: "4 % lower than the four weeks before".

    Less than 2 % (`SAME_SHARE`) either way reads "about the same as", twice and more as a multiple. Raises
    `WordingError` unless the base is above zero, the new number not below it, and the base has words.

    >>> change(960, 1000, base_words="the average of 2025"), change(2400, 1000, base_words="the level of May")
    ('4 % lower than the average of 2025', '2.4 times the level of May')
    """
    value, base = _decimal(new), _decimal(old)
    if not base_words.strip():
        raise WordingError("A change states its base, but base_words is empty: say what it is compared with.")
    if base <= 0 or value < 0:
        raise WordingError(
            f"A change compares a number from 0 on with a base above 0, but found {new!r} against {old!r}: "
            "state the difference instead."
        )
    return f"{_comparison(float(value / base))} {base_words.strip()}"


def likelihood(p) -> str:
    """Name a probability by its word in `LIKELIHOODS`; an edge belongs to the more cautious of its two words.

    The table ends at 1 and 99 %; beyond, no word is certain enough and the number is said instead. Raises
    `WordingError` for a probability outside 0 to 1.

    >>> likelihood(0.9), likelihood(0.55), likelihood(0.003)
    ('very likely', 'roughly even', 'less than 1 in 100')
    """
    return _likelihood(p).word


def likelihood_that(p) -> str:
    """Open a sentence about a probability: "it is likely that", "there is almost no chance that"."""
    return f"{_likelihood(p).opening} that"


def likelihood_range(word: str) -> str:
    """Give the percentages a likelihood word stands for: "very likely" is "80 to 95 %"."""
    for row in LIKELIHOODS:
        if row.word == word:
            return f"{number(row.lower * 100)} to {number(row.upper * 100)} %"
    known = listing(repr(row.word) for row in LIKELIHOODS)
    raise WordingError(f"A likelihood word is one of {known}, but {word!r} was given: choose from the table.")


def direction(p_up) -> str:
    """Name a trend from the probability that it rises: "very likely rising", "no clear direction"."""
    p = _share(p_up, noun="probability")
    if Decimal("0.45") <= p <= Decimal("0.55"):
        return "no clear direction"
    word = _likelihood(max(p, 1 - p)).word
    adverb = word if word in ("likely", "very likely") else "almost certainly"
    return f"{adverb} {'rising' if p > Decimal('0.5') else 'falling'}"


# ---- dates -----------------------------------------------------------------


def day(when) -> str:
    """Write a date (a date, a timestamp or ISO text) for prose: "21 August 2026"."""
    found = _date(when)
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def month(when) -> str:
    """Write the month of a date: "August 2026"."""
    found = _date(when)
    return f"{MONTHS[found.month - 1]} {found.year}"


def short_day(when) -> str:
    """Write a date where space is short, on an axis or in a table: "21 Aug 2026"."""
    found = _date(when)
    return f"{found.day} {short_month(found)}"


def short_month(when) -> str:
    """Write the month of a date where space is short: "Aug 2026"."""
    found = _date(when)
    return f"{MONTHS[found.month - 1][:3]} {found.year}"


def period(start, end) -> str:
    """Write a stretch of days, first and last included, saying nothing twice.

    Whole months and whole years read as such. Raises `WordingError` if the end comes before the start.

    >>> period("2026-05-01", "2026-05-28"), period("2022-03-01", "2026-05-31")
    ('1 to 28 May 2026', 'March 2022 to May 2026')
    """
    first, last = _date(start), _date(end)
    if last < first:
        raise WordingError(f"A period runs forward, but {last} comes before {first}: swap its ends.")
    whole_months = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
    if whole_months and first.month == 1 and last.month == 12:
        parts = [str(first.year)], [str(last.year)]
    elif whole_months:
        parts = month(first).split(), month(last).split()
    else:
        parts = day(first).split(), day(last).split()
    return _join_ends(*parts)


def duration(days) -> str:
    """Write a length of time (days, or a timedelta) in the unit a reader thinks in; "about" marks rounding.

    Days below two weeks, weeks below half a year, months below three years, then years.

    >>> duration(9), duration(91), duration(500), duration(0.4)
    ('nine days', '13 weeks', 'about 16 months', 'less than a day')
    """
    length = _decimal(days.total_seconds() / 86400 if isinstance(days, timedelta) else days)
    if length < 0:
        raise WordingError(f"A duration is nought or more days, but {days!r} was given: swap its ends.")
    if 0 < length < 1:
        return "less than a day"
    _, unit_days, unit, places = next(row for row in DURATIONS if length < row[0])
    amount = _round(length / unit_days, places)
    return f"{'' if amount * unit_days == length else 'about '}{count(amount, unit)}"


# ---- how it is done --------------------------------------------------------


def _decimal(x) -> Decimal:
    """Read a finite number exactly as Python would print it."""
    if is_missing(x):
        raise WordingError(f"A number was expected, but {x!r} is missing: say it with wording.missing().")
    if isinstance(x, bool) or not isinstance(x, numbers.Real | Decimal):
        raise WordingError(f"A number was expected, but found {type(x).__name__} {x!r}: convert it first.")
    if isinstance(x, numbers.Integral):
        return Decimal(int(x))
    value = x if isinstance(x, Decimal) else Decimal(repr(float(x)))
    if not value.is_finite():
        raise WordingError(f"A finite number was expected, but found {x!r}: say in words that it has no end.")
    return value


def _round(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EVERY_DIGIT)


def _sensible_decimals(value: Decimal) -> int:
    if not value or value == value.to_integral_value() or abs(value) >= 100:
        return 0
    return 2 - max(value.adjusted(), 0) if abs(value) >= 1 else min(6, 1 - value.adjusted())


def _digits(value: Decimal) -> str:
    """Write a rounded number: commas, a true minus sign, no sign on nought."""
    text = f"{value.copy_abs():,f}"
    return f"{MINUS}{text}" if value < 0 else text


def _step(lower, upper) -> Decimal | None:
    """Find the step that `rounded` describes; None for an interval of no width."""
    width = _decimal(upper) - _decimal(lower)
    if width < 0:
        raise WordingError(f"An interval runs upwards, but found {lower!r} to {upper!r}: swap its ends.")
    if not width:
        return None
    power = Decimal(1).scaleb((width / 10).adjusted())
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * 10 >= width)


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    places = Decimal(1).scaleb(min(0, step.adjusted()))
    return ((value / step).to_integral_value(rounding) * step).quantize(places, context=_EVERY_DIGIT)


def _share(x, beyond: bool = False, noun: str = "share") -> Decimal:
    """Read a share or a probability; what rounding noise puts past 0 or 1 counts as 0 or 1."""
    value = _decimal(x)
    if beyond:
        return value
    if not -NOISE <= value <= 1 + NOISE:
        raise WordingError(f"A {noun} from 0 to 1 was expected, but found {x!r}: divide a percentage by 100.")
    return min(max(value, Decimal(0)), Decimal(1))


def _likelihood(p) -> Likelihood:
    value = _share(p, noun="probability")
    if value < Decimal("0.01"):
        return BELOW_THE_TABLE
    if value > Decimal("0.99"):
        return ABOVE_THE_TABLE
    if value < Decimal("0.5"):
        return next(row for row in LIKELIHOODS if value < _decimal(row.upper))
    return next(row for row in LIKELIHOODS if value <= _decimal(row.upper))


def _comparison(ratio: float) -> str:
    if abs(ratio - 1) < SAME_SHARE:
        return "about the same as"
    if ratio >= TIMES_RATIO:
        times = number(ratio, 0 if ratio >= 10 else 1).removesuffix(".0")
        return "twice" if times == "2" else f"{times} times"
    return f"{percent(abs(ratio - 1))} {'higher' if ratio > 1 else 'lower'} than"


def _date(when) -> date:
    """Read a day from a date, a datetime, a numpy datetime64 or ISO text."""
    if is_missing(when):
        raise WordingError(f"A date was expected, but {when!r} is missing: say it with wording.missing().")
    if isinstance(when, datetime):
        return when.date()
    if isinstance(when, date):
        return when
    try:
        text = str(when) if isinstance(when, str) or hasattr(when, "astype") else ""
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise WordingError(f"A date or ISO text was expected, found {when!r}: write 2026-08-21.") from None


def _join_ends(first: list[str], last: list[str]) -> str:
    """Join two dates, given word by word, with "to"; a tail that both share is said once."""
    if first == last:
        return " ".join(first)
    own = len(first)
    while own > 1 and first[own - 1 :] == last[own - 1 :]:
        own -= 1
    return f"{' '.join(first[:own])} to {' '.join(last)}"
