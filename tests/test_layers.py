"""Who may import whom: read from the code, so that the table in CONTRIBUTING.md stays true."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "attrition"
MODELS = {
    ".".join(part for part in path.relative_to(PACKAGE).with_suffix("").parts if part != "__init__")
    for path in (PACKAGE / "models").rglob("*.py")
} - {"models"}
SOURCES = {f"sources.{path.stem}" for path in (PACKAGE / "sources").glob("*.py") if path.with_suffix(".yml").exists()}
EDITIONS = {"editions"} | {
    f"editions.{path.stem}" for path in (PACKAGE / "editions").glob("*.py") if path.stem != "__init__"
}
LINE = {
    "parameters",
    "editions",
    "editions.edition",
    "editions.lock",
    "editions.changes_page",
    "chapter",
    "pages",
    "site",
    "build",
    "run",
    "values",
    "figures",
    "room",
    "wording",
    "files",
    "limits",
}

ALLOWED = {
    "wording": set(),
    "files": set(),
    "parameters": {"entries"},
    "definitions": set(),
    "conversions": {"definitions"},
    **{name: MODELS | {"definitions"} for name in MODELS},
    "snapshots": set(),
    "entries": set(),
    "sources.manifest": {"entries"},
    "sources.strict": set(),
    "sources.area": set(),
    "sources.client": set(),
    "sources": {"sources.client", "sources.manifest", "sources.strict"},
    **{name: {"sources.manifest", "sources.strict", "sources.area"} for name in SOURCES},
    "refresh.results": set(),
    "refresh.comparing": {"refresh.results", "room.contract", "room.tables", "room.vintages", "sources.manifest"},
    "refresh.reconciling": {"refresh.results", "refresh.comparing", "room.contract", "sources.manifest"},
    "refresh.holding": {"refresh.reconciling", "room.contract", "room.tables", "sources.manifest"},
    "refresh.writing": {"refresh.results", "refresh.comparing", "room.contract", "room.vintages", "files"},
    "refresh": {
        *("files", "snapshots", "sources", "room.contract", "room.validation"),
        *("refresh.results", "refresh.comparing", "refresh.reconciling", "refresh.holding", "refresh.writing"),
    },
    "room": {"definitions", "room.contract", "room.tables", "room.readings", "room.vintages"},
    "room.shape": set(),
    "room.vintages": {"room.contract"},
    "room.contract": {"room.shape"},
    "room.tables": {"room.contract"},
    "room.readings": {"room.contract", "room"},
    "room.skeleton": {"room.contract"},
    "room.rules": {"room.contract", "room.tables"},
    "room.validation": {"room.contract", "room.tables", "room.rules", "room.vintages"},
    "figures.palette": set(),
    "figures.axes": {"wording", "figures.palette"},
    "figures.drawing": {"wording", "figures.palette", "figures.axes"},
    "figures.narrow": {"figures.palette"},
    "figures.render": {"figures.palette", "figures.axes", "figures.narrow"},
    "figures": {"wording", "figures.palette", "figures.render"},
    "values": {"wording"},
    "another_room": {"editions", "editions.edition"},
    "kernels": set(),
    "skeleton": {"files", "parameters"},
    "limits": set(),
    "chapter": {"parameters", "values", "files", "kernels", "limits"},
    "ages": set(),
    "pages": {"ages", "wording"},
    "verdicts": {"wording", "models.claims"},
    "styles": {"files"},
    "extras": {"files", "styles"},
    "citing": {"editions", "editions.edition", "editions.lock", "extras", "files"},
    "site": (LINE | {"ages", "another_room", "editions.changes", "extras", "citing", "sources"}) - {"build", "run"},
    "editions": set(),
    "editions.edition": {"entries", "parameters", "files"},
    "editions.lock": {"files"},
    "editions.changes": {"wording"},
    "editions.changes_page": {"pages", "editions.changes", "editions.edition", "wording"},
    "editions.freezing": {"editions", "editions.edition", "editions.lock", "values"},
    "editions.past": {"editions", "editions.edition", "editions.lock", "chapter", "parameters", "room", "values"},
    "editions.comparison": EDITIONS | {"room", "values", "wording"} - {"editions.sites", "editions.changes_page"},
    "editions.sites": EDITIONS | {"chapter", "site", "steps", "values", "files"},
    "steps": {"chapter", "editions", "editions.lock", "editions.past", "site"},
    "explain": {"chapter"},
    "build": (LINE | EDITIONS | {"room.validation", "explain", "steps"}) - {"run"},
    "run": LINE | {"another_room"},
    "sweeps.plan": {"entries", "parameters"},
    "sweeps.functions": {"parameters", "sweeps.plan"},
    "sweeps.targets": {"chapter", "limits", "parameters", "values", "sweeps.plan", "sweeps.functions"},
    "sweeps.runner": {"chapter", "limits", "sweeps.targets"},
    "sweeps.worker": {"", "limits"},
    "sweeps.cluster": {"sweeps.plan", "sweeps.worker"},
    "sweeps.runs": {"another_room", "build", "editions.edition", "parameters"}
    | {"sweeps.functions", "sweeps.plan", "sweeps.targets"},
    "sweeps.ledger": {"files", "sweeps.plan"},
    "sweeps.table": {"parameters"},
    "sweeps.page": {"wording", "figures", "figures.axes", "figures.drawing", "figures.palette", "figures.render"},
    "sweeps": {"files", "limits"}
    | {f"sweeps.{name}" for name in ("cluster", "ledger", "page", "plan", "runs", "table")},
    "cli": LINE | EDITIONS | {"room.validation", "refresh", "skeleton", "another_room", "room.skeleton", "sweeps"},
    "": set(),
    "__main__": {"cli"},
    "models": MODELS,
}
EVERYTHING = set(ALLOWED)
NOTEBOOKS = {"room", "figures", "values", "verdicts", "wording", "models", "editions", "editions.lock"} | MODELS
FILE_ACCESS = re.compile(r"\bopen\(|read_csv|read_text|write_text|read_bytes|\bPath\(|requests|httpx|urllib")


def imports(source):
    """Names of the package's rooms that a piece of code imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    names = {name.removeprefix("attrition.") for name in found if name.startswith("attrition.")}
    return {name if name in EVERYTHING else name.rpartition(".")[0] for name in names}


def rooms():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


@pytest.mark.parametrize(("name", "path"), list(rooms()), ids=[name for name, _ in rooms()])
def test_a_room_imports_only_what_it_may(name, path):
    assert name in ALLOWED, f"say in this table and in CONTRIBUTING.md what {name} may import"
    assert imports(path.read_text(encoding="utf-8")) <= ALLOWED[name] | {name}


@pytest.mark.parametrize("name", ["wording", "definitions", *sorted(MODELS), *sorted(SOURCES)])
def test_pure_rooms_touch_no_files(name):
    path = PACKAGE.joinpath(*name.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    source = path.read_text(encoding="utf-8")
    assert not FILE_ACCESS.search(source)


def test_the_package_knows_no_country():
    words = {"russia", "ukrain", "kyiv", "moscow", "kremlin", "general staff", "india", "china", "belarus", "iran"}
    for _, path in rooms():
        text = path.read_text(encoding="utf-8").lower()
        assert not [word for word in words if word in text], path.name


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_import_only_what_they_may(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert imports(source) <= NOTEBOOKS
    assert not FILE_ACCESS.search(source)


def test_only_the_client_touches_the_network():
    network = re.compile(r"^ *(import|from) (httpx|requests|urllib(?!\.parse)|socket|aiohttp)\b", re.MULTILINE)
    found = {name for name, path in rooms() if network.search(path.read_text(encoding="utf-8"))}
    assert found == {"sources.client"}


def test_sources_write_no_files():
    writing = re.compile(r"\bopen\(|write_text|write_bytes|mkdir|os\.")
    for name, path in rooms():
        if name.startswith("sources"):
            assert not writing.search(path.read_text(encoding="utf-8")), name
