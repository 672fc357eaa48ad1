"""Results of a refresh as values: all are collected and told, then one decision is taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

WRITTEN, FETCH_FAILED, CONTRACT_BROKEN = 0, 1, 2


class RefreshError(RuntimeError):
    """A refresh that cannot start or cannot write; the room is as it was."""


@dataclass(frozen=True)
class Result:
    """One thing that was looked at.

    Attributes
    ----------
    name
        Source or series, and what was looked at.
    ok
        Whether it is as it should be.
    required
        Whether a failure decides; otherwise it is only told.
    note
        A sentence: what was found and what to do.
    code
        The exit code that a failure asks for.
    """

    name: str
    ok: bool
    required: bool
    note: str
    code: int = CONTRACT_BROKEN

    def __str__(self) -> str:
        return f"{'ok    ' if self.ok else 'FAILED' if self.required else 'note  '} {self.name}: {self.note}"


@dataclass
class Outcome:
    """Everything a refresh found and did: results, the series written, and the exit code."""

    results: list[Result] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def add(self, results: Iterable[Result]) -> bool:
        """Add results; returns whether all that are required are as they should be."""
        results = list(results)
        self.results += results
        return sound(results)

    @property
    def code(self) -> int:
        """0 all is well, 1 something could not be fetched, 2 a person has to decide; the gravest counts."""
        return max((one.code for one in self.results if one.required and not one.ok), default=WRITTEN)


def sound(results: Iterable[Result]) -> bool:
    """Whether everything required is as it should be."""
    return all(one.ok or not one.required for one in results)


def told(name: str, note: str) -> Result:
    """A result that is only told."""
    return Result(name, True, False, note)
