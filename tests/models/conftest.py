"""The reported series of this book, for the tests that hold a model to the data."""

from pathlib import Path

import pandas as pd
import pytest

from attrition.models import trend
from attrition.room import open_room

ROOM = Path(__file__).parents[2] / "data"


def reported(cutoff):
    """Cumulative personnel losses as claimed by one party, by day, as known at a cutoff."""
    readings = open_room(ROOM, cutoff=cutoff).readings(
        "killed_wounded_cumulative", side="RU", source="general_staff_ua"
    )
    return readings["value"]


@pytest.fixture(scope="session", params=["2026-02-19", "2026-05-31"])
def reported_cumulative(request):
    """At both cutoffs of the book's editions; after the first there are Sundays only."""
    return reported(request.param)


@pytest.fixture(scope="session")
def reported_weekly(reported_cumulative):
    return trend.weekly_sums(reported_cumulative)


@pytest.fixture
def weekly():
    """Make weekly sums, by Sunday, from plain numbers."""

    def make(values, start="2020-01-05"):
        return pd.Series(values, index=pd.date_range(start, periods=len(values), freq="7D"), dtype=float)

    return make
