"""The chapter on compounding: that its share is what its own outcomes say, and that it stays silent without a price."""

import json
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "compounding.ipynb"


def chapter(**given):
    """Run the cells of the chapter in one namespace; return it."""
    space = {}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), space)
            if "parameters" in cell["metadata"].get("tags", ()):
                space.update({"draws": 1000, **given})
    return space


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.setitem(os.environ, "ATTRITION_ROOM", str(ROOT / "data"))


def test_the_parts_add_up_and_losses_touch_nothing():
    space = chapter(weights="oil 0.2, tech 0.2, losses 0.6")
    found = space["found"]
    assert found.parts["shapley"].sum() == pytest.approx(found.joint)
    assert found.lower <= space["share"].value <= found.upper
    assert found.pairs[("oil", "losses")] == found.pairs[("tech", "losses")] == 0
    assert 0 <= space["broken"].undefined <= 1


def test_with_one_pressure_alone_nothing_compounds():
    found = chapter(extra_discount_usd=0.0)["found"]
    assert found.share == pytest.approx(0, abs=1e-9) and found.probability == 0


def test_without_a_price_of_recruits_nothing_is_put_on_one_scale():
    space = chapter(cutoff="2023-09-30")
    assert space["share"].value == "not known" and space["found"] is None
