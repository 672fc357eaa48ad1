"""Checks of numbers and shares that the measures of pressure have in common."""

from __future__ import annotations

import numpy as np

from attrition.models.pressure.faults import PressureError


def check_positive(name: str, number) -> None:
    """Raise `PressureError` unless a number, or every number of an array, is finite and above zero."""
    if not np.all(np.isfinite(number)) or np.any(np.less_equal(number, 0)):
        raise PressureError(f"Expected {name} above zero, found {np.min(number):g}: check the figure and its unit.")


def check_share(name: str, share) -> None:
    """Raise `PressureError` unless a share, or every share of an array, lies from 0 to 1."""
    if not np.all((np.asarray(share) >= 0) & (np.asarray(share) <= 1)):
        raise PressureError(f"Expected {name} as a share from 0 to 1, found {share}: divide a percentage by 100.")
