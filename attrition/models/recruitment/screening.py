"""Which totals agree, which only say "more than", and which contradict one another.

A total is contradicted if no path can meet it within its own stated range together with the others. Because the whole
range is allowed, a total that the best path misses is first pressed (its spread narrowed, up to `MOST_PRESS`), and only
what stays missed counts. It is then never averaged in: it is reported with the total it stands against, and where one
total alone stands against one other, the best path follows the one nearer to all the rest, and half of the draws
follow the other. A floor or ceiling that the others pass by a wide margin on the allowed side says nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attrition.models.recruitment.flows import System, fitted, leave_one_out, solve
from attrition.models.recruitment.totals import CEILING, FLOOR

USED, SLACK, ASIDE, RIVAL = "used", "only a bound", "set aside", "rival"
PRESS, MOST_PRESS = 1.6, 4.0  # by how much the spread of a missed total is narrowed at once, and in all


@dataclass
class Screen:
    """Rows by number: `kept` go into the path, `slack` are mere limits, `aside` maps contradicted rows to their rival.

    The rival is None where the row stands against several others together. `press` says for all rows by how much
    their spread was narrowed.
    """

    kept: list[int]
    press: np.ndarray
    slack: list[int] = field(default_factory=list)
    aside: dict[int, int | None] = field(default_factory=dict)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Rows that stand against one rival each."""
        return [(row, rival) for row, rival in self.aside.items() if rival is not None and rival in self.kept]


def screen(readings: pd.DataFrame, system: System, walk_sd: float | None = None) -> Screen:
    """Take out row after row, the one furthest from what the others say first, until all the rest are met."""
    found = Screen(list(range(len(readings))), np.ones(len(readings)))
    while True:
        free = solve(system.keep(np.array(found.kept)), walk_sd)
        found.press, beyond = press(found.kept, readings, system, free.walk_sd)
        missed = np.abs(beyond) > 1
        if not missed.any():
            return found
        far = np.abs(leave_one_out(system.keep(np.array(found.kept)), free)) * missed
        at = int(far.argmax())
        _take_out(found, at, float(beyond[at]), readings, system, free.walk_sd)


def press(rows: list[int], readings: pd.DataFrame, system: System, walk_sd: float) -> tuple[np.ndarray, np.ndarray]:
    """Narrow the spread of missed rows until all are met or enough is tried.

    Returns the narrowing of all rows of the system, and how far beyond its range each of `rows` still lies.
    """
    pressed = np.ones(len(readings))
    kept, part = np.array(rows), readings.iloc[rows]
    while True:
        narrowed = system.press(pressed).keep(kept)
        beyond = residuals(part, np.exp(fitted(narrowed, solve(narrowed, walk_sd).states)))
        missed = np.abs(beyond) > 1
        if not missed.any() or pressed[kept[missed]].max() >= MOST_PRESS:
            return pressed, beyond
        pressed[kept[missed]] *= PRESS


def residuals(readings: pd.DataFrame, sums: np.ndarray) -> np.ndarray:
    """How far each sum lies from the stated number, in units of the row's own range: beyond ±1 is outside it."""
    low, centre, high = (np.log(readings[name].to_numpy()) for name in ("low", "centre", "high"))
    gap = np.log(sums) - centre
    return gap / np.where(gap > 0, high - centre, centre - low)


def allowed(readings: pd.DataFrame, beyond: np.ndarray) -> np.ndarray:
    """Whether a floor is passed upwards, or a ceiling downwards."""
    bound = readings["bound"].to_numpy()
    return ((bound == FLOOR) & (beyond > 1)) | ((bound == CEILING) & (beyond < -1))


def _take_out(found: Screen, at: int, beyond: float, readings, system: System, walk_sd: float) -> None:
    row = found.kept[at]
    if allowed(readings.iloc[[row]], np.array([beyond]))[0]:
        found.slack.append(row)
    else:
        found.aside[row] = _rival(row, found.kept, readings, system, walk_sd)
    found.kept.remove(row)


def _rival(row: int, kept: list[int], readings, system: System, walk_sd: float) -> int | None:
    """The one other total without which the row would be met, and no more totals missed than without the row."""
    least = _missed([one for one in kept if one != row], readings, system, walk_sd)[0]
    touching = [one for one in kept if one != row and (system.days[one] * system.days[row]).any()]
    relieved = {}
    for other in touching:
        count, far = _missed([one for one in kept if one != other], readings, system, walk_sd, row)
        if far <= 1 and count <= least:
            relieved[other] = far
    return min(relieved, key=relieved.get) if relieved else None


def _missed(rows: list[int], readings, system: System, walk_sd: float, row: int | None = None) -> tuple[int, float]:
    """Number of totals that no path through `rows` meets, and how far beyond its range one of them lies."""
    beyond = press(rows, readings, system, walk_sd)[1]
    count = int((np.abs(beyond) > 1).sum())
    return count, float(abs(beyond[rows.index(row)])) if row is not None else 0.0
