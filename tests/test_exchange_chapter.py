"""The chapter on exchange ratios at chosen cutoffs and windows: what it finds, and that it says what it cannot know."""

import math
from functools import partial

import chapters
import numpy as np
import pytest

chapter = partial(chapters.run, "exchange_ratios")


def test_a_year_with_figures_of_both_sides_agrees_with_the_arithmetic():
    found = chapter(window="2024", correlation=0.0)
    assert found["killed"].value == pytest.approx(128_270 / math.sqrt(22_041 * (22_041 + 27_855)), rel=0.01)
    assert found["casualties"].value == "not known"


def test_the_whole_war_lies_between_the_ends_of_both_sides():
    found = chapter(cutoff="2026-05-31", window="whole war")
    killed, casualties = found["killed"], found["casualties"]
    assert 1.7 < killed.lower < killed.value < killed.upper < 4.5
    assert 1_047_030 / 600_000 < casualties.lower < casualties.upper < 1_365_125 / 500_000
    assert found["needed"].median == pytest.approx(math.sqrt(5 * 20) / math.sqrt(2 * 5), rel=0.01)
    assert all("RU" in one.side and "UA" in other.side for one, other in found["dead_pairs"] + found["lost_pairs"])


def test_a_common_error_of_both_sides_narrows_the_interval():
    together, apart = chapter(correlation=0.8)["killed"], chapter(correlation=-0.8)["killed"]
    assert together.upper / together.lower < 0.8 * apart.upper / apart.lower


@pytest.mark.parametrize(("cutoff", "window"), [("2023-09-30", "whole war"), ("2026-02-19", "2025")])
def test_what_is_not_known_is_said(cutoff, window):
    found = chapter(cutoff=cutoff, window=window)
    assert found["killed"].value == "not known" and found["killed"].unit == "words"
    for table in found["maps"].values():
        known = table["ratio"].dropna()
        assert np.isfinite(known).all() and (known >= 0).all()
        assert table.loc[table["area"] < found["least_area_km2"], "ratio"].isna().all()
