"""Notebooks as they are committed: typed, short, without outputs."""

import ast
import json
import re
from pathlib import Path

import pytest

from attrition import parameters

ROOT = Path(__file__).parents[1]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
pytestmark = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def cells(path, kind):
    content = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == kind]


def test_no_outputs_no_counts_no_odd_metadata(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    assert set(content["metadata"]) <= {"kernelspec", "language_info"}
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    for cell in cells(path, "code"):
        assert cell["outputs"] == [] and cell["execution_count"] is None, f"clear the outputs of {path.name}"
        assert set(cell["metadata"]) <= {"tags"}


def test_cell_ids_are_short_words(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    ids = [cell["id"] for cell in content["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{1,40}", name) for name in ids)


def test_it_is_small_enough_to_read(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    assert len(content["cells"]) <= 40
    lengths = [len("".join(cell["source"]).splitlines()) for cell in cells(path, "code")]
    assert max(lengths) <= 20


def test_the_title_is_a_question(path):
    first = "".join(cells(path, "markdown")[0]["source"])
    title = next(line for line in first.splitlines() if line.startswith("# "))
    assert title.endswith("?")


def test_it_says_what_it_does_not_show_and_leaves_a_receipt(path):
    prose = "\n".join("".join(cell["source"]) for cell in cells(path, "markdown"))
    assert "What this does not show" in prose
    assert "".join(cells(path, "code")[-1]["source"]).strip() == "values.receipt(room)"


def test_every_parameter_is_known_in_range_and_commented(path):
    defaults = parameters.declared(path)
    assert parameters.validate(path.stem, defaults, {}).keys() == defaults.keys()
    cell = next(c for c in cells(path, "code") if "parameters" in c["metadata"].get("tags", ()))
    assert all("#" in line for line in "".join(cell["source"]).splitlines() if line.strip())


def test_code_holds_no_long_function_and_silences_nothing(path):
    for cell in cells(path, "code"):
        source = "".join(cell["source"])
        assert not re.search(r"warnings\.|%%capture|!pip|%pip", source)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 5, node.name


NUMERAL = re.compile(r"(?<![\w`{.-])\d[\d,.]*\d(?![\w`}-])|(?<![\w`{.-])\d(?![\w`}.-])")
FREE = re.compile(
    r"\{[a-z-]+\}`[^`]*`|`[^`]*`|\$[^$]*\$|\[[^\]]*\]\([^)]*\)|doi\.org\S+"  # roles, code, formulas, links
    r"|\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?"
    r"|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)? ?(?:19|20)\d\d\b"
)


def test_prose_types_no_number(path):
    for cell in cells(path, "markdown"):
        prose = FREE.sub("", "".join(cell["source"]))
        assert not NUMERAL.findall(prose), (cell["id"], NUMERAL.findall(prose))
