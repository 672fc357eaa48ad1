"""Shared settings of the tests: modules beside them can be imported by name."""

import os

import pytest


@pytest.fixture(autouse=True)
def no_room_left_behind():
    """A chapter that runs names its room in the environment; the next test starts without it."""
    yield
    os.environ.pop("ATTRITION_ROOM", None)
