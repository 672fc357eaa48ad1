"""Model functions as targets of a sweep: what they take, calling them with plain numbers, their results as values."""

from __future__ import annotations

import inspect
import math
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from importlib import import_module
from typing import Any

from attrition.parameters import ParameterError, unknown
from attrition.sweeps.plan import SweepError

HOME = "attrition.models"  # only functions of the models: a sweep file calls nothing else
MOST_NUMBERS = 1000  # of one result
PARTS = ("lower", "upper", "level")


@cache
def find(name: str) -> Callable:
    """Import a function by name: ``attrition.models.balance:rates`` or with a dot instead of the colon.

    Raises
    ------
    SweepError
        If it is not a public function of the models.
    """
    module, _, own = name.partition(":") if ":" in name else name.rpartition(".")
    if module == HOME or module.startswith(f"{HOME}."):
        try:
            found = getattr(import_module(module), own, None)
        except ImportError:
            found = None
        if inspect.isfunction(found) and not own.startswith("_"):
            return found
    raise SweepError(
        f"Expected a function of {HOME}, such as {HOME}.balance:break_even_return_share, found '{name}': name one."
    )


def full_name(name: str) -> str:
    """Write a function's name with a colon."""
    find(name)
    return name if ":" in name else ":".join(name.rsplit(".", 1))


@cache
def takes(name: str) -> dict[str, tuple[Any, bool]]:
    """What a function takes: for each name its type, as far as known, and whether it must be given.

    The fields of a frozen dataclass that it takes as one argument count as arguments of their own.

    >>> takes("attrition.models.balance:break_even_return_share")["casualties"]
    (<class 'float'>, True)
    """
    found = {}
    for argument, hint, needed in _arguments(find(name)):
        inner = _fields(hint) if is_dataclass(hint) else {argument: (hint, needed)}
        found |= inner
    return found


def check(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Check what is given against the function, and return it with numbers as numbers.

    Raises
    ------
    attrition.parameters.ParameterError
        Naming the argument, what was expected and what was found.
    """
    known = takes(name)
    for argument in given:
        if argument not in known:
            raise ParameterError(unknown(f"parameter of {name}", argument, known))
    for argument, (_, needed) in known.items():
        if needed and argument not in given:
            raise ParameterError(f"Expected a value for '{argument}' of {name}, found none: give it in the sweep file.")
    return {argument: _typed(name, argument, known[argument][0], value) for argument, value in given.items()}


def call(name: str, given: Mapping[str, Any]) -> Any:
    """Call a function; lists become tuples, fields of its dataclass go where they belong."""
    plain = {argument: _tupled(value) for argument, value in given.items()}
    arguments = {}
    for argument, hint, _ in _arguments(find(name)):
        if is_dataclass(hint):
            own = {one.name for one in fields(hint)}
            arguments[argument] = hint(**{key: value for key, value in plain.items() if key in own})
        elif argument in plain:
            arguments[argument] = plain[argument]
    return find(name)(**arguments)


def values_of(result: Any) -> list[dict[str, Any]]:
    """Take a result apart into values with dotted keys; frames with `value, lower, upper, level` keep their intervals.

    Raises
    ------
    SweepError
        If it holds more than a thousand numbers, or something that is neither number nor word.

    Examples
    --------
    >>> [(one["key"], one["value"]) for one in values_of({"a": 1, "b": [2.5, 3]})]
    [('a', 1.0), ('b.0', 2.5), ('b.1', 3.0)]
    """
    found = []
    for key, value, interval in _walk("", result):
        if len(found) == MOST_NUMBERS:
            raise SweepError(
                f"Expected a result of at most {MOST_NUMBERS} numbers, found more: take a function that sums it up."
            )
        text = value if isinstance(value, str) else f"{value:.6g}"
        unit = "words" if isinstance(value, str) else ""
        found.append({"key": key or "result", "value": value, **interval, "unit": unit, "text": text})
    return found


def _walk(key: str, result: Any, interval: Mapping | None = None) -> Iterator[tuple[str, Any, dict]]:
    """Yield key, number or word, and interval, part by part."""
    import numpy as np
    import pandas as pd

    if isinstance(result, pd.DataFrame):
        yield from _walk_frame(key, result)
    elif isinstance(result, pd.Series | Mapping):
        yield from _walk_pairs(key, result.items())
    elif is_dataclass(result):
        yield from _walk_pairs(key, ((one.name, getattr(result, one.name)) for one in fields(result)))
    elif hasattr(result, "_asdict"):
        yield from _walk_pairs(key, result._asdict().items())
    elif isinstance(result, np.ndarray) and result.size > MOST_NUMBERS:
        raise SweepError(f"Expected numbers in '{key or 'result'}', found an array of {result.size:,}: sum it up.")
    elif isinstance(result, list | tuple | np.ndarray) and np.ndim(result) > 0:
        yield from _walk_pairs(key, enumerate(result))
    elif result is None or result is pd.NaT or isinstance(result, str):
        yield key, "" if result is None else str(result), {name: None for name in PARTS}
    elif isinstance(result, pd.Timestamp) or hasattr(result, "isoformat"):
        yield key, result.isoformat()[:10], {name: None for name in PARTS}
    else:
        yield key, _finite(key, result), dict(interval or {name: None for name in PARTS})


def _walk_pairs(key: str, pairs) -> Iterator:
    for name, value in pairs:
        yield from _walk(f"{key}.{name}" if key else str(name), value)


def _walk_frame(key: str, frame) -> Iterator:
    """Rows by their index; a frame of estimates gives one value a row, any other a value a cell."""
    estimates = {"value", *PARTS} <= set(frame.columns)
    for index, row in frame.iterrows():
        own = f"{key}.{index}" if key else str(index)
        if estimates:
            yield from _walk(own, row["value"], {part: float(row[part]) for part in PARTS})
        else:
            yield from _walk_pairs(own, row.items())


def _finite(key: str, value: Any) -> float | str:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise SweepError(f"Expected a number in '{key or 'result'}', found {type(value).__name__}.") from None
    return number if math.isfinite(number) else str(number)


def _arguments(function: Callable) -> Iterator[tuple[str, Any, bool]]:
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError):
        hints = {}
    for one in inspect.signature(function).parameters.values():
        yield one.name, hints.get(one.name), one.default is one.empty


def _fields(kind: type) -> dict[str, tuple[Any, bool]]:
    try:
        hints = typing.get_type_hints(kind)
    except (NameError, TypeError):
        hints = {}
    needed = {one.name: one.default is MISSING and one.default_factory is MISSING for one in fields(kind)}
    return {name: (hints.get(name), must) for name, must in needed.items()}


def _typed(name: str, argument: str, hint: Any, value: Any) -> Any:
    """Read a cell of text as the number it should be; refuse what is none."""
    value = _number(value) if isinstance(value, str) and hint is not str else value
    wanted = {float: "a finite number", int: "a whole number", bool: "true or false"}.get(hint)
    fits = {
        float: lambda: isinstance(value, int | float) and not isinstance(value, bool),
        int: lambda: isinstance(value, int | float) and float(value).is_integer(),
        bool: lambda: isinstance(value, bool),
    }.get(hint, lambda: True)
    broken = isinstance(value, float) and not math.isfinite(value)
    if broken or not fits():
        raise ParameterError(
            f"Expected {wanted or 'a finite number'} for '{argument}' of {name}, found '{value}': correct it."
        )
    return int(value) if hint is int else value


def _number(text: str) -> Any:
    words = {"true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _tupled(value: Any) -> Any:
    return tuple(_tupled(part) for part in value) if isinstance(value, list) else value
