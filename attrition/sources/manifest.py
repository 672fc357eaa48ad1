"""What is known of a source: addresses, columns and labels, and how much may change before a person has to look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from attrition import entries

DAY = re.compile(r"\{today(?:-(\d+))?:([^}]+)\}")


class ManifestError(ValueError):
    """A description of a source that is missing or malformed."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Limits(_Closed):
    """How far what arrives may differ from what was accepted before a person has to look.

    Attributes
    ----------
    missing_max
        Accepted rows, between the first and last row that arrived, that may be missing from it.
    revised_share_max
        Share of the cells held that may have changed.
    revised_change_max, revised_slack
        Largest change of a held cell: a share of its size, or the slack where that is larger.
    open_rows
        Newest held rows that are still filling up and may change without bound.
    step_max, step_slack
        Largest change from one row to the next new one: a share of its size per day, or the slack where that is larger.
    """

    missing_max: int = 0
    revised_share_max: float = 0.0
    revised_change_max: float = 0.0
    revised_slack: float = 0.0
    open_rows: int = 0
    step_max: float = 0.05
    step_slack: float = 0.0


class Target(_Closed):
    """A series that a source feeds.

    Attributes
    ----------
    limits
        How much it may change.
    keep
        "restated": revisions within the limits are taken over and listed; "extended": rows held stay as they are,
        revisions are only measured, new rows are added.
    transcription
        The name under which the source transcribes a claim that other sources transcribe too.
    resource
        Descriptor of the table for a room that does not hold the series yet; the room's own goes first.
    """

    limits: Limits = Limits()
    keep: Literal["restated", "extended"] = "restated"
    transcription: str | None = None
    resource: dict[str, Any] | None = None


class Manifest(_Closed):
    """All that is known of one source.

    Attributes
    ----------
    speaker
        Row of the room's `sources.csv`: who says it. A room that does not know the speaker does not take the source.
    verified
        Whether the reader was tried on a payload as served; if not, it was written from documentation.
    addresses
        Address by name; `{today:%Y%m%d}` and `{today-1:%Y%m%d}` stand for days.
    link
        Pattern of a link on the page at the address: the last one found is fetched instead of the page.
    columns, labels, unused, late
        For the reader: our column by theirs, our label by theirs, fields known and not used, and fields that older
        records lack.
    settings
        Whatever else the reader needs.
    """

    name: str
    title: str
    publisher: str
    speaker: str
    licence: str
    verified: bool
    note: str
    addresses: Annotated[dict[str, str], Field(min_length=1)]
    link: str | None = None
    limit_bytes: int = 20_000_000
    columns: dict[str, dict[str, str]] = {}
    labels: dict[str, dict[str, str]] = {}
    unused: dict[str, list[str]] = {}
    late: dict[str, list[str]] = {}
    settings: dict[str, Any] = {}
    series: Annotated[dict[str, Target], Field(min_length=1)]

    @field_validator("addresses")
    @classmethod
    def _https(cls, addresses: dict[str, str]) -> dict[str, str]:
        for address in addresses.values():
            if not address.startswith("https://"):
                raise ValueError(f"expected an address with https, found '{address}'")
        return addresses

    @property
    def only(self) -> str:
        """The series of a source that feeds one."""
        (name,) = self.series
        return name

    def on(self, today: date) -> Mapping[str, str]:
        """The addresses as they are on a day."""
        return {name: _dated(address, today) for name, address in self.addresses.items()}


def _dated(address: str, today: date) -> str:
    return DAY.sub(lambda found: f"{today - timedelta(days=int(found[1] or 0)):{found[2]}}", address)


def read_manifest(path: Path) -> Manifest:
    """Read the description of a source.

    Raises
    ------
    ManifestError
        Naming the file, the entry and what was expected.
    """
    content = entries.read(path, what="a description of a source", example="title: ...", fault=ManifestError)
    try:
        return Manifest(name=path.stem, **content)
    except ValidationError as error:
        fault = error.errors()[0]
        entry = ".".join(map(str, fault["loc"]))
        raise ManifestError(f"In {path.name}, entry '{entry}': {fault['msg'].lower()}: correct the entry.") from None
