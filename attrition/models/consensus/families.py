"""Who stands for whom: speakers that repeat one another are one family of evidence, and only families are independent.

A family is named after its head, the speaker that copies nobody. A speaker that blends several families that speak for
themselves is no further witness and belongs to none. Who copies whom is data, never known here by heart.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

BLEND = ""  # the family of a speaker that mixes several


class ConsensusError(ValueError):
    """Figures of several speakers cannot be joined into one estimate."""


def heads(sources: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Follow each speaker's copying back to those who copy nobody.

    Parameters
    ----------
    sources : DataFrame
        Indexed by `id`; `copies` holds the ids of those a speaker repeats, separated by semicolons.

    Returns
    -------
    dict
        For each speaker the heads it goes back to, sorted; a speaker that copies nobody has itself.

    Raises
    ------
    ConsensusError
        If copying runs in a circle or leads to a speaker that is not listed.

    Examples
    --------
    >>> heads(pd.DataFrame({"copies": ["", "a", "a;b"]}, index=["a", "b", "c"]))
    {'a': ('a',), 'b': ('a',), 'c': ('a',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for speaker in sources.index:
        _follow(speaker, sources["copies"].fillna(""), found, ())
    return found


def family_of(sources: pd.DataFrame, speaking: Iterable[str]) -> pd.Series:
    """Name the family of each speaker.

    Parameters
    ----------
    sources : DataFrame
        As for `heads`.
    speaking : iterable of str
        Speakers with figures of their own; heads that say nothing about the matter do not make a copy a blend.

    Returns
    -------
    Series
        Name of the head by speaker; `BLEND` where several speaking heads are mixed.

    Examples
    --------
    >>> sources = pd.DataFrame({"copies": ["", "", "a", "a;b"]}, index=["a", "b", "c", "d"])
    >>> family_of(sources, ["a", "b", "c", "d"]).to_dict()
    {'a': 'a', 'b': 'b', 'c': 'a', 'd': ''}
    """
    all_heads, aloud = heads(sources), set(speaking)
    strangers = sorted(aloud - set(all_heads))
    if strangers:
        raise ConsensusError(
            f"Expected every speaker among the sources, found figures of '{strangers[0]}': add its row."
        )
    named = {one: _choose(one, [head for head in found if head in aloud] or found) for one, found in all_heads.items()}
    return pd.Series(named, name="family", dtype=object)


def edges(sources: pd.DataFrame, speaking: Iterable[str]) -> list[tuple[str, str]]:
    """List who copies whom among speakers with figures and those between them: pairs (copy, copied), sorted."""
    aloud, copies = set(speaking), sources["copies"].fillna("")
    return sorted((one, other) for one in aloud for other in _listed(copies[one]) if other in aloud)


def effective_number(weights: Iterable[float]) -> float:
    """Count families by weight: n equal weights count n, one that outweighs all others counts one.

    The inverse of the sum of squared shares (Kish 1965; Laakso & Taagepera 1979, doi 10.1177/001041407901200101).

    Examples
    --------
    >>> effective_number([2, 2]), effective_number([1, 0, 0])
    (2.0, 1.0)
    """
    sizes = np.abs(np.fromiter(weights, dtype=float))
    if not sizes.sum() > 0:
        raise ConsensusError("Expected at least one family that carries weight, found none: give figures of one.")
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def _follow(speaker: str, copies: pd.Series, found: dict, path: tuple[str, ...]) -> tuple[str, ...]:
    if speaker in path:
        circle = " copies ".join((*path[path.index(speaker) :], speaker))
        raise ConsensusError(f"Expected copying to end at a first speaker, found that {circle}: decide who is first.")
    if speaker not in copies.index:
        raise ConsensusError(f"Expected every copied speaker among the sources, found '{speaker}': add its row.")
    if speaker not in found:
        below = [_follow(other, copies, found, (*path, speaker)) for other in _listed(copies[speaker])]
        found[speaker] = tuple(sorted({head for one in below for head in one})) or (speaker,)
    return found[speaker]


def _listed(text: str) -> list[str]:
    return [name for name in text.split(";") if name]


def _choose(speaker: str, found) -> str:
    return found[0] if len(found) == 1 else BLEND
