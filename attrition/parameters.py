"""What may be set from outside: one vocabulary of typed parameters for all chapters and editions.

A chapter takes the parameters that its notebook's `parameters` cell assigns, with the defaults that stand there; what
each name means and may be is said here once, so that the same name means the same thing in every chapter. Nothing
here reads data: it answers within a second, before any kernel starts.
"""

from __future__ import annotations

import ast
import difflib
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

ESTIMATED = "estimated"  # what a user writes for "as the data say"; in a notebook it is None


class ParameterError(ValueError):
    """A parameter that is unknown, of the wrong type or out of range."""


def _quantity(lower: float, upper: float, meaning: str) -> Any:
    """Type of a finite number between two ends."""
    return Annotated[float, Field(ge=lower, le=upper, allow_inf_nan=False, description=meaning)]


def _estimable(lower: float, upper: float, meaning: str) -> Any:
    """Type of a number that is estimated from the data unless it is set; None stands for estimated."""
    ends = Field(ge=lower, le=upper, allow_inf_nan=False, description=meaning)
    return Annotated[float | None, ends, BeforeValidator(lambda given: None if given == ESTIMATED else given)]


def _adds_to_one(given: str) -> str:
    """Refuse weights that do not add to one; nothing stands for equal weights."""
    shares = [float(part.split()[1]) for part in given.split(",") if part]
    if shares and abs(sum(shares) - 1) > 1e-6:
        raise ValueError(f"they add to {sum(shares):g}")
    return given


def _days_of_the_calendar(text: str) -> str:
    """Refuse days joined by commas of which one does not exist, such as 2025-02-30."""
    for day in text.split(",") if text else ():
        date.fromisoformat(day)
    return text


class Vocabulary(BaseModel):
    """Every parameter that a chapter may declare: type, range and meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cutoff: Annotated[date, Field(description="last day of data used; every later row is hidden")]
    seed: Annotated[int, Field(ge=0, lt=2**32, description="start of all random draws")]
    horizon_weeks: Annotated[int, Field(ge=1, le=52, description="how many weeks ahead the projection is drawn")]
    penalty: _quantity(1, 10, "price of one more change point (2 finds more, 5 fewer)")
    backtest_origins: Annotated[
        int, Field(ge=26, le=520, description="how many past weekly forecasts the recent score rests on")
    ]
    window: Annotated[
        Literal["whole war", "2022", "2023", "2024", "2025"],
        Field(description="stretch of the war whose ratio of losses is the headline"),
    ]
    correlation: _quantity(-0.95, 0.95, "how far errors in both sides' losses go together (0 not at all)")
    least_area_km2: _quantity(1, 1000, "net gain of a month below which losses per square kilometre are not defined")
    left_out: Annotated[
        str,
        Field(
            max_length=60,
            pattern=r"^([a-z][a-z0-9_]*)?$",
            description="a speaker or family whose figures are left out, by its id in the sources; empty for none",
        ),
    ]
    counted_bias_sd: _quantity(
        0.02, 1, "how far counts of the killed may be off for good before a figure is seen (0.1 is about 10 %)"
    )
    claimed_bias_sd: _quantity(0.02, 1, "the same for all other claims and estimates")
    recruits: _estimable(0, 200_000, "people who join in a month")
    casualties: _estimable(100, 200_000, "killed and wounded in a month")
    wounded_per_killed: _estimable(0.1, 20, "wounded for one killed")
    return_share: _estimable(0, 1, "share of the wounded who return to duty")
    other_exits: _estimable(0, 100_000, "people who leave in a month for other reasons than death or wounds")
    new_unit_share: _estimable(0, 1, "share of those who join that builds units outside the theatre")
    threshold: _estimable(
        1_000, 5_000_000, "force in persons below which it counts as broken; estimated: four fifths of today's"
    )
    horizon_months: Annotated[int, Field(ge=1, le=120, description="how many months ahead the force is followed")]
    draws: Annotated[int, Field(ge=1_000, le=1_000_000, description="number of random futures")]
    elasticity: _estimable(0.01, 5, "percent more recruits for one percent more bonus against the wage")
    fx_source: Annotated[
        Literal["tax price", "cross rates", "customs"],
        Field(description="whose exchange rate turns roubles into dollars"),
    ]
    urals_usd: _estimable(1, 300, "price of a barrel of export crude, in dollars")
    discount_usd: _estimable(-20, 100, "how far that price lies below the world price, in dollars a barrel")
    rub_per_usd: _estimable(10, 500, "roubles for a dollar")
    india_share_lost: _quantity(0, 1, "share of the largest buyer's imports that falls away")
    india_share_resold: _quantity(0, 1, "share of what falls away that is sold to somebody else")
    extra_discount_usd: _quantity(0, 100, "further discount on all that is sold then, in dollars a barrel")
    breaks: Annotated[
        str,
        Field(
            max_length=120,
            pattern=r"^(\d{4}-\d{2}-\d{2}(,\d{4}-\d{2}-\d{2})*)?$",
            json_schema_extra={"words": "days such as 2025-10-22,2026-03-05 or nothing"},
            description="days at which a series is cut into before and after; empty for the named events",
        ),
        AfterValidator(_days_of_the_calendar),
    ]
    import_premium: _estimable(-0.5, 10, "what controlled goods cost more than before, as a share")
    losses_up: _estimable(0, 2, "by how much killed and wounded rise, as a share of today's")
    refurbishment_per_year: _estimable(0, 10_000, "tanks brought back from storage in a year")
    stock: _estimable(0, 50_000, "tanks left that can still be brought back")
    weights: Annotated[
        str,
        Field(
            max_length=120,
            pattern=r"^([a-z_]+ (0?\.\d+|0|1)(, [a-z_]+ (0?\.\d+|0|1))*)?$",
            json_schema_extra={"words": "text such as 'oil 0.4, tech 0.3, losses 0.3' that adds to one, or nothing"},
            description="weights of the pressures in the composite index, adding to one; empty for equal weights",
        ),
        AfterValidator(_adds_to_one),
    ]


def declared(notebook: Path) -> dict[str, Any]:
    """Read names and defaults from a notebook's `parameters` cell, without running it.

    Raises
    ------
    ParameterError
        If the notebook has no such cell, or the cell holds anything but plain assignments.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    if len(tagged) != 1:
        raise ParameterError(f"Expected one cell tagged 'parameters' in {notebook.name}, found {len(tagged)}: add one.")
    return {name: _default(value, name, notebook) for name, value in _assignments(tagged[0], notebook)}


def validate(chapter: str, defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Check what a user set against the vocabulary; return all of the chapter's parameters, typed.

    Parameters
    ----------
    chapter : str
        Name for the error messages.
    defaults : mapping
        What `declared` read from the notebook.
    given : mapping
        What the user or the edition sets, as text or typed.

    Raises
    ------
    ParameterError
        Naming the parameter, what is allowed and what was found.
    """
    for name in given:
        if name not in defaults:
            raise ParameterError(unknown(f"parameter of {chapter}", name, defaults))
    return {name: _typed(chapter, name, given.get(name, default)) for name, default in defaults.items()}


def describe(defaults: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List a chapter's parameters for people: name, type, range, default and meaning."""
    return [
        {
            "name": name,
            "type": _kind(name).__name__,
            "range": allowed(name),
            "default": ESTIMATED if default is None else default,
            "meaning": _field(name).description,
        }
        for name, default in defaults.items()
    ]


def allowed(name: str) -> str:
    """Say in words what a parameter may be.

    >>> allowed("horizon_weeks")
    'a whole number from 1 to 52'
    >>> allowed("cutoff")
    'a date such as 2026-05-31'
    >>> allowed("recruits")
    "a number from 0 to 200000, or 'estimated'"
    >>> allowed("breaks")
    'days such as 2025-10-22,2026-03-05 or nothing'
    >>> allowed("window")
    "one of 'whole war', '2022', '2023', '2024', '2025'"
    """
    kind = _kind(name)
    if get_origin(_field(name).annotation) is Literal:
        return "one of " + ", ".join(f"'{choice}'" for choice in get_args(_field(name).annotation))
    names = {date: "a date such as 2026-05-31", int: "a whole number", float: "a number", str: "a name or nothing"}
    words = (_field(name).json_schema_extra or {}).get("words", names.get(kind, kind.__name__))
    ends = {type(mark).__name__: mark for mark in _field(name).metadata}
    if _is_estimable(name):
        return f"{words} from {ends['Ge'].ge} to {ends['Le'].le}, or '{ESTIMATED}'"
    if "Ge" in ends and "Le" in ends:
        return f"{words} from {ends['Ge'].ge} to {ends['Le'].le}"
    if "Ge" in ends and "Lt" in ends:
        return f"{words} from {ends['Ge'].ge} to below {ends['Lt'].lt}"
    return words


def unknown(what: str, name: str, known) -> str:
    """Say that a name is unknown and which known ones come nearest.

    >>> unknown("chapter", "los_trends", ["loss_trends"])
    "Unknown chapter 'los_trends': did you mean 'loss_trends'?"
    """
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    hint = "did you mean " + " or ".join(f"'{n}'" for n in near) if near else "known are " + ", ".join(known)
    return f"Unknown {what} '{name}': {hint}?" if near else f"Unknown {what} '{name}': {hint}."


def _field(name: str):
    return Vocabulary.model_fields[name]


@cache
def _adapter(name: str) -> TypeAdapter:
    return TypeAdapter(Annotated[_field(name).annotation, _field(name)])


def _kind(name: str) -> type:
    """Type of a parameter; of a choice, the type of its words; of one that may be estimated, that of the number."""
    kind = _field(name).annotation
    if _is_estimable(name):
        return get_args(kind)[0]
    return type(get_args(kind)[0]) if get_origin(kind) is Literal else kind


def _is_estimable(name: str) -> bool:
    return type(None) in get_args(_field(name).annotation)


def _assignments(cell: Mapping, notebook: Path):
    """Names and value nodes of the cell; every statement must assign one known name."""
    for node in ast.parse("".join(cell["source"])).body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if not isinstance(target, ast.Name) or node.value is None:
            raise ParameterError(
                f"Expected only typed assignments such as 'seed: int = 1' in the parameters cell of {notebook.name},"
                f" found '{ast.unparse(node)}'."
            )
        if target.id not in Vocabulary.model_fields:
            raise ParameterError(unknown(f"parameter in {notebook.name}", target.id, Vocabulary.model_fields))
        yield target.id, node.value


def _default(node: ast.expr, name: str, notebook: Path) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise ParameterError(
            f"Expected a plain default for '{name}' in {notebook.name}, found '{ast.unparse(node)}'."
        ) from None


def _typed(chapter: str, name: str, value: Any) -> Any:
    field = _field(name)
    try:
        return _adapter(name).validate_python(value)
    except ValidationError:
        raise ParameterError(
            f"Expected {allowed(name)} for parameter '{name}' of {chapter} ({field.description}), found '{value}'."
        ) from None
