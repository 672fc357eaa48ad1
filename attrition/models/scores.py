"""How good a probabilistic forecast was: proper scores, coverage and skill.

All scores are negatively oriented: they are in the unit of what is forecast, and smaller is better. A forecast is
given as a median with central intervals, as quantiles, or as samples: scalars or arrays whose shapes broadcast, finite
and in one unit; scores come back in the same shape. Nothing here fits, smooths or reads files.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd


class ScoreError(ValueError):
    """A score cannot be computed from what was given."""


def pinball(observed, quantile, probability):
    """Charge a forecast quantile for its distance from what happened, unequally on its two sides.

    For a quantile q of `probability` τ in (0, 1) this is (q − y)(1{y ≤ q} − τ), not doubled (Gneiting & Raftery 2007,
    doi 10.1198/016214506000001437).

    Examples
    --------
    >>> pinball(5.0, 2.0, 0.9)
    2.7
    """
    _check_share("probability", probability)
    observed, quantile = _aligned(observed=observed, quantile=quantile)
    return _plain((quantile - observed) * ((observed <= quantile) - probability))


def interval_score(observed, lower, upper, alpha):
    """Score a central interval by its width plus a fine for missing.

    With `alpha` one minus the level of the interval (0.1 for 90 %) this is (u − l) + 2/α·(l − y)₊ + 2/α·(y − u)₊
    (Gneiting & Raftery 2007, doi 10.1198/016214506000001437).

    Examples
    --------
    >>> interval_score(5.0, 0.0, 4.0, alpha=0.2)
    14.0
    """
    _check_share("alpha", alpha)
    observed, lower, upper = _aligned(observed=observed, lower=lower, upper=upper)
    _check_order(lower, upper)
    missed = np.maximum(lower - observed, 0) + np.maximum(observed - upper, 0)
    return _plain(upper - lower + 2 / alpha * missed)


def wis(observed, median, intervals: Mapping):
    """Score a forecast given as a median and central intervals: the weighted interval score.

    Parameters
    ----------
    observed, median : float or array
        What happened and the forecast median, in one unit.
    intervals : mapping
        ``{level: (lower, upper)}`` with levels in (0, 1), such as ``{0.9: (10, 20)}``. Scalars or arrays of one
        shape. Without any interval the score is the absolute error.

    Returns
    -------
    float or ndarray
        (½|y − m| + Σ αₖ/2·ISₖ)/(K + ½), which is twice the mean pinball loss of the 2K + 1 quantiles
        (Bracher et al. 2021, doi 10.1371/journal.pcbi.1008618).

    Examples
    --------
    >>> round(wis(5.0, 2.0, {0.8: (0.0, 4.0), 0.5: (1.0, 3.0)}), 10)
    2.16
    """
    if not isinstance(intervals, Mapping):
        raise ScoreError(f"expected intervals as {{level: (lower, upper)}}, found {intervals!r}: give a mapping")
    observed, median = _aligned(observed=observed, median=median)
    total = np.abs(observed - median) / 2
    for level, (lower, upper) in intervals.items():
        _check_share("level", level)
        alpha = 1 - level
        total = total + alpha / 2 * interval_score(observed, lower, upper, alpha)
    return _plain(total / (len(intervals) + 0.5))


def crps_sample(observed, samples):
    """Score a forecast given as samples: the continuous ranked probability score of their distribution.

    Parameters
    ----------
    observed : float or array, shape (...)
        What happened.
    samples : array, shape (..., n)
        Samples of the forecast along the last axis, in the unit of `observed`.

    Returns
    -------
    float or ndarray
        E|X − y| − ½E|X − X′| over the samples, by their order statistics in n·log n steps
        (Gneiting & Raftery 2007, doi 10.1198/016214506000001437, section 4.2).

    Examples
    --------
    >>> crps_sample(0.0, [-1.0, 1.0])
    0.5
    """
    observed, samples = _with_samples(observed, samples)
    n = samples.shape[-1]
    distance = np.abs(samples - observed[..., None]).mean(-1)
    weights = (2 * np.arange(1, n + 1) - n - 1) / n**2
    return _plain(distance - (np.sort(samples, axis=-1) * weights).sum(-1))


def pit(observed, samples):
    """Find where in the forecast the outcome fell: 0 below every sample, 1 above; ties count half.

    The probability integral transform of outcomes of shape (...) in samples of shape (..., n). Over many calibrated
    forecasts it is spread evenly over 0 to 1 (Dawid 1984, doi 10.2307/2981683).

    Examples
    --------
    >>> pit(2.0, [1.0, 2.0, 3.0, 4.0])
    0.375
    """
    observed, samples = _with_samples(observed, samples)
    below = (samples < observed[..., None]).mean(-1)
    equal = (samples == observed[..., None]).mean(-1)
    return _plain(below + equal / 2)


def coverage(observed, lower, upper):
    """Share of outcomes, from 0 to 1, that fell inside their intervals, ends included.

    Examples
    --------
    >>> coverage([1, 5, 9], [0, 0, 0], [4, 5, 6])
    0.6666666666666666
    """
    observed, lower, upper = _aligned(observed=observed, lower=lower, upper=upper)
    _check_order(lower, upper)
    return float(((observed >= lower) & (observed <= upper)).mean())


def relative_skill(scores: pd.DataFrame, baseline=None) -> pd.Series:
    """Compare methods that did not all forecast the same targets.

    For each pair the ratio of mean scores over the targets both have; a method's skill is the geometric mean
    of its ratios against all methods, itself included (Cramer et al. 2022, doi 10.1073/pnas.2113561119, with
    the score of Bracher et al. 2021, doi 10.1371/journal.pcbi.1008618). Below 1 is better than average.

    Parameters
    ----------
    scores : DataFrame
        Targets in rows, methods in columns, scores greater than or equal to 0; NaN where a method made no forecast.
    baseline : label, optional
        The method whose skill is set to 1.

    Returns
    -------
    Series
        Skill by method, in the order of the columns.

    Examples
    --------
    >>> relative_skill(pd.DataFrame({"a": [1.0, 3.0], "b": [2.0, 6.0]}), baseline="b").round(6).to_dict()
    {'a': 0.5, 'b': 1.0}
    """
    if baseline is not None and baseline not in scores.columns:
        known = ", ".join(f"'{name}'" for name in scores.columns)
        raise ScoreError(f"expected a baseline among {known}, found '{baseline}': name one of the columns")
    logs = pd.DataFrame(
        [[_log_ratio(scores, a, b) for b in scores.columns] for a in scores.columns],
        index=scores.columns,
        columns=scores.columns,
    )
    skill = np.exp(logs.mean(axis=1))
    return skill if baseline is None else skill / skill[baseline]


def _log_ratio(scores, a, b):
    """Log of the ratio of mean scores of two methods over the targets both have."""
    both = scores[a].notna() & scores[b].notna()
    means = scores.loc[both, a].mean(), scores.loc[both, b].mean()
    if not both.any() or min(means) <= 0:
        raise ScoreError(
            f"expected targets that both '{a}' and '{b}' forecast with mean scores above 0, found "
            f"{int(both.sum())} with means {means[0]:g} and {means[1]:g}: leave one of them out"
        )
    return np.log(means[0] / means[1])


def _with_samples(observed, samples):
    """Outcome and samples as arrays, the samples with one axis more."""
    observed, samples = _finite("observed", observed), _finite("samples", samples)
    if samples.ndim == 0 or samples.shape[-1] == 0 or samples.shape[:-1] != observed.shape:
        raise ScoreError(
            f"expected samples of shape {(*observed.shape, 'n')} for outcomes of shape {observed.shape}, "
            f"found {samples.shape}: put the samples on the last axis"
        )
    return observed, samples


def _aligned(**given):
    """All arguments as float arrays of one shape."""
    arrays = [_finite(name, value) for name, value in given.items()]
    try:
        return np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(given, arrays, strict=True))
        raise ScoreError(f"expected scalars or arrays of one shape, found {shapes}: align them first") from None


def _finite(name, value):
    """The value as a float array that holds at least one number and nothing but finite numbers."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ScoreError(f"expected numbers for '{name}', found {value!r}: convert it first") from None
    if array.size == 0 or not np.isfinite(array).all():
        found = "nothing" if array.size == 0 else f"{int((~np.isfinite(array)).sum())} that are not"
        raise ScoreError(f"expected finite numbers for '{name}', found {found}: drop what has no outcome first")
    return array


def _check_share(name, value):
    if not (np.isscalar(value) and not isinstance(value, str) and 0 < value < 1):
        article = "an" if name[0] in "aeiou" else "a"
        raise ScoreError(f"expected {article} {name} between 0 and 1, both excluded, found {value!r}: give a share")


def _check_order(lower, upper):
    if (lower > upper).any():
        first = tuple(int(i) for i in np.argwhere(lower > upper)[0])
        raise ScoreError(
            f"expected lower <= upper, found {lower[first]:g} above {upper[first]:g} at position {first}: "
            "swap or sort the ends"
        )


def _plain(array):
    """A scalar as a plain float, anything else as it is."""
    return float(array) if np.ndim(array) == 0 else array
