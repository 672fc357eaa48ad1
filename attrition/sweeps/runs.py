"""The runs of a sweep: each row of parameters, checked against what the target takes, before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attrition import another_room, build, parameters
from attrition.editions import edition
from attrition.sweeps import plan as plans
from attrition.sweeps import targets

KINDS = {"int": int, "float": float}


@dataclass(frozen=True)
class Run:
    """One run: its number from one, what it is given beyond the defaults, all its parameters, and its key."""

    number: int
    given: dict[str, Any]
    parameters: dict[str, Any]
    key: str


@dataclass(frozen=True)
class Runs:
    """All runs of a sweep.

    Attributes
    ----------
    target : dict
        Words that describe what is run.
    identity : str
        Hash of its code, data and versions.
    columns, varied : list of str
        Parameters that the file gives, in its order; and those of them that differ between runs.
    good : list of Run
    bad : list of (number, given, reason)
    """

    target: dict[str, str]
    identity: str
    columns: list[str]
    varied: list[str]
    good: list[Run]
    bad: list[tuple[int, dict[str, Any], str]]


def lay_out(root: Path, plan: plans.Plan, folder: Path, room: Path) -> Runs:
    """Write out the runs that a plan asks for.

    Raises
    ------
    attrition.parameters.ParameterError
        For the first value that is not allowed, naming it; in a table of rows only for names, as single bad rows are
        listed instead.
    """
    checked, kinds, target = _chapter(root, plan, room) if plan.chapter else _function(plan)
    varied, wishes = plans.wishes(plan, kinds, folder)
    for name in [*plan.fixed, *varied]:
        if name not in kinds:
            raise parameters.ParameterError(
                parameters.unknown(f"parameter of {plan.chapter or plan.function}", name, kinds)
            )
    identity = targets.find(target).identity()
    good, bad = [], []
    for number, wish in enumerate(wishes, 1):
        given = plan.fixed if isinstance(wish, str) else {**plan.fixed, **wish}
        try:
            if isinstance(wish, str):
                raise parameters.ParameterError(wish)
            chosen = {name: _plain(value) for name, value in checked(given).items()}
        except parameters.ParameterError as error:
            if plan.rows is None:
                raise
            bad.append((number, given, str(error)))
        else:
            own = {name: chosen[name] for name in given}
            good.append(Run(number, own, chosen, targets.run_key(identity, chosen)))
    return Runs(target, identity, [*plan.fixed, *varied], varied, good, bad)


def _chapter(root: Path, plan: plans.Plan, room: Path) -> tuple[Callable, dict[str, type], dict[str, str]]:
    known = {one.name: one for one in build.chapters(root)}
    if plan.chapter not in known:
        raise parameters.ParameterError(parameters.unknown("chapter", plan.chapter, known))
    one = known[plan.chapter]
    guest = None if another_room.is_own(root, room) else another_room.edition_of(room)
    base = (guest or edition.load(None, root / "editions")).given(one.name, one.defaults)
    seen: set[Any] = set()

    def checked(given: Mapping[str, Any]) -> dict[str, Any]:
        chosen = parameters.validate(one.name, one.defaults, {**base, **given})
        if chosen.get("cutoff") not in seen:
            build.check_cutoffs(room, {one.name: chosen})
            seen.add(chosen.get("cutoff"))
        return chosen

    kinds = {row["name"]: KINDS.get(row["type"], str) for row in parameters.describe(one.defaults)}
    return checked, kinds, targets.describe(root, one=one, room=room)


def _function(plan: plans.Plan) -> tuple[Callable, dict[str, type], dict[str, str]]:
    from attrition.sweeps import functions

    name = functions.full_name(plan.function)
    kinds = {argument: kind for argument, (kind, _) in functions.takes(name).items()}
    return lambda given: functions.check(name, given), kinds, {"function": name}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
