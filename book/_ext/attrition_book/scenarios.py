"""What a reader can set in the balance, what each number starts from, and what follows from a set of them.

The form starts from values that chapters record; what no chapter of an edition records starts from a round number and
the page says so. The sums are those of `attrition.models.balance`; this room writes no page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from attrition.models.balance import Arithmetic, arithmetic


@dataclass(frozen=True)
class Control:
    """One number that a reader can set.

    Attributes
    ----------
    name : str
        As in the vocabulary of parameters and in the address.
    label, unit : str
        What it is, and in what.
    keys : tuple of str
        Recorded values to start from, the best first.
    ends : (float, float, float)
        Least, most and step of the slider, in the unit of the number.
    kind : str
        ``persons``, ``ratio``, ``share`` (shown as a percentage) or ``usd``.
    otherwise : float
        What to start from where no chapter records any of the keys.
    """

    name: str
    label: str
    unit: str
    keys: tuple[str, ...]
    ends: tuple[float, float, float]
    kind: str = "persons"
    otherwise: float = 0.0

    @property
    def limit(self) -> float:
        """The largest number it takes: typed ones may go beyond the slider's end, shares not beyond one."""
        return self.ends[1] if self.kind == "share" else 2 * self.ends[1]


A_MONTH = "persons a month"
CASUALTIES = ("balance.casualties", "losses.monthly")
RATIO = ("balance.wounded_per_killed", "wounded_per_killed")
RECRUITS = ("balance.recruits", "recruitment.monthly")
FOR_A_DOLLAR = ("oil.recruits_per_usd_cut", "oil.recruits_per_usd")
NEW_UNITS, LEAVE = "Recruits for units outside the theatre", "Others who leave: captured, deserted, discharged"

FLOWS = (
    Control("casualties", "Killed and wounded", A_MONTH, CASUALTIES, (100, 100_000, 100), otherwise=30_000),
    Control("wounded_per_killed", "Wounded for one killed", "persons", RATIO, (0.1, 10, 0.1), "ratio", 3),
    Control("return_share", "Wounded who return to duty", "%", ("balance.return_share",), (0, 1, 0.01), "share", 0.5),
    Control("recruits", "Recruits", A_MONTH, RECRUITS, (0, 100_000, 100), otherwise=30_000),
    Control("new_unit_share", NEW_UNITS, "%", ("balance.new_unit_share",), (0, 1, 0.01), "share"),
    Control("other_exits", LEAVE, A_MONTH, ("balance.other_exits",), (0, 50_000, 100)),
)
MARK = (
    Control("force", "Force in the theatre today", "persons", ("balance.force",), (1_000, 2_000_000, 1_000)),
    Control("threshold", "Mark: the strength asked about", "persons", ("balance.mark",), (0, 2_000_000, 1_000)),
)
OIL = (
    Control("oil_usd", "Oil price", "dollars a barrel", ("oil.urals_usd",), (0, 150, 0.5), "usd"),
    Control("recruits_per_usd", "Recruits for a dollar on the barrel", A_MONTH, FOR_A_DOLLAR, (0, 5_000, 1), "usd"),
)
DECIMALS = {"persons": -1, "ratio": 2, "share": 3, "usd": 2}
PARAMETERS = (*(control.name for control in FLOWS), "threshold")  # of the chapter that does the same with intervals

SCENARIOS = (
    ("As the form starts", lambda given: {}),
    ("A quarter fewer killed and wounded", lambda given: {"casualties": 0.75 * given["casualties"]}),
    ("A quarter more killed and wounded", lambda given: {"casualties": 1.25 * given["casualties"]}),
    ("A quarter fewer recruits", lambda given: {"recruits": 0.75 * given["recruits"]}),
    ("A quarter more recruits", lambda given: {"recruits": 1.25 * given["recruits"]}),
    ("None of the wounded return", lambda given: {"return_share": 0.0}),
    ("Half of the wounded return", lambda given: {"return_share": 0.5}),
    ("All of the wounded return", lambda given: {"return_share": 1.0}),
)


def with_oil_price(recruits: float, recruits_per_usd: float, oil_usd: float, oil_now_usd: float) -> float:
    """Recruits a month if the oil price were another: a straight line through today's point, not below nought.

    >>> with_oil_price(30_000, 20, 60, 70), with_oil_price(100, 20, 60, 70)
    (29800, 0.0)
    """
    return max(0.0, recruits + recruits_per_usd * (oil_usd - oil_now_usd))


def start(control: Control, rows: Mapping[str, Mapping[str, Any]]) -> tuple[float, str]:
    """Return the number a control starts from and the key of the value it is, an empty one where none is recorded.

    It starts no finer than a form should show, and inside what the control takes.
    """
    for key in control.keys:
        value = rows[key]["value"] if key in rows else None
        if isinstance(value, int | float) and math.isfinite(value):
            return min(max(round(float(value), DECIMALS[control.kind]), control.ends[0]), control.limit), key
    return float(control.otherwise), ""


def controls(rows: Mapping[str, Mapping[str, Any]]) -> tuple[Control, ...]:
    """Return an edition's controls: force and mark, and the price of oil, only where both of a pair are recorded."""
    pairs = (pair for pair in (MARK, OIL) if all(start(control, rows)[1] for control in pair))
    return FLOWS + tuple(control for pair in pairs for control in pair)


def starts(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return what every control starts from; the mark lies below the force, whatever was recorded of either."""
    found = {control.name: start(control, rows)[0] for control in controls(rows)}
    if "force" in found and found["threshold"] >= found["force"]:
        found["threshold"] = round(0.8 * found["force"], -3)
    return found


def balance(given: Mapping[str, float], oil_now_usd: float | None = None) -> Arithmetic:
    """Run the closed forms on what a form holds; without a force nothing is said about a mark.

    Raises
    ------
    attrition.models.balance.BalanceError
        For numbers that no balance can be drawn up from.
    """
    names = [name for name in ("force", *PARAMETERS) if name in given]
    inputs = {"force": 1.0, **{name: given[name] for name in names}}
    if "oil_usd" in given:
        now = given["oil_usd"] if oil_now_usd is None else oil_now_usd
        inputs["recruits"] = with_oil_price(given["recruits"], given["recruits_per_usd"], given["oil_usd"], now)
    return arithmetic(**inputs)


def address(given: Mapping[str, float]) -> str:
    """Return the state of a form as it stands in the address.

    >>> address({"casualties": 30_000.0, "return_share": 0.5})
    'casualties=30000&return_share=0.5'
    """
    return urlencode({name: f"{value:.12g}" for name, value in given.items()})
