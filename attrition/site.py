"""From executed chapters to a site: stage the sources, let jupyter-book build them, swap the result in whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from attrition import ages, another_room, changes, citing, extras, values
from attrition import lock as locks
from attrition.edition import Edition
from attrition.files import swap_folder, write_atomically

BUILT_BESIDE = ("_ext", "_static")
BESIDE_NEWEST = ("data", "editions")  # folders of the site that lie with the newest edition only
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"


class SiteError(RuntimeError):
    """A site that could not be built; the one before still stands."""


def toc_entries(root: Path) -> list[str]:
    """Names of all pages in `_toc.yml`, in order, without endings."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = toc.get("parts", [toc])
    return [toc["root"], *(entry["file"] for part in parts for entry in part.get("chapters", ()))]


def page_files(root: Path) -> list[Path]:
    """Every hand-written file the site is made of, apart from notebooks and data."""
    inside = [path for path in (root / "book").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted([root / "_config.yml", root / "_toc.yml", *inside])


def source_files() -> list[Path]:
    """The descriptions of the live sources, which the page of sources shows."""
    return sorted((Path(__file__).parent / "sources").glob("*.yml"))


def look_files(root: Path) -> list[Path]:
    """Every file that decides how a page looks, whatever its edition."""
    return [path for path in page_files(root) if path.suffix != ".md" and path.name != "_toc.yml"]


def room_files(room: Path) -> list[Path]:
    """Every file of a data room that is published with the site."""
    return sorted(path for path in room.rglob("*") if path.is_file() and path.suffix in (".csv", ".json"))


def build(
    root: Path,
    edition: Edition,
    room: Path,
    executed: list[Path],
    work: Path,
    out: Path,
    *,
    history: Mapping | None = None,
    older: Mapping[str, Path] | None = None,
) -> None:
    """Build the whole site into `out`, replacing what was there only when the new one is complete.

    Parameters
    ----------
    executed : list of Path
        Executed chapters in the reader's order.
    work : Path
        Folder for the stage, jupyter-book's output and its log.
    history : mapping, optional
        What the page of changes shows (`pages.changes_page`).
    older : mapping, optional
        Finished sites of published editions by name; they go to their addresses below `out`.

    Raises
    ------
    SiteError
        With jupyter-book's warnings and errors.
    """
    staged = stage(root, edition, room, executed, work / "stage", history=history)
    html = _jupyter_book(staged, work, strict=True)
    for name, folder in (older or {}).items():
        shutil.copytree(folder, html / "editions" / name)
    citing.announce(html, root)
    swap_folder(html, out)


def build_published(root: Path, folder: Path, lock: Mapping, work: Path, out: Path, *, newest: Mapping | None) -> None:
    """Build a published edition from its own files: pages, numbers and figures as published, in today's look.

    Parameters
    ----------
    folder : Path
        The project's `editions`.
    lock : mapping
        Its lock; files that do not match it are refused.
    newest : mapping or None
        ``title`` and ``pages`` of the newest edition, for a link on every page.

    Raises
    ------
    attrition.lock.LockError
        If the edition's files were changed.
    SiteError
        With jupyter-book's errors.
    """
    locks.check(folder, lock)
    staged = stage_published(root, folder / lock["name"], lock, work / "stage", newest=newest)
    swap_folder(_jupyter_book(staged, work, strict=False), out)


def stage_published(root: Path, kept: Path, lock: Mapping, folder: Path, *, newest: Mapping | None) -> Path:
    """Lay out what a published edition kept and today's look in one folder and return it.

    Only links to tables of the data room change: these lie with the newest edition.
    """
    _stage_look(root, folder)
    shutil.copy(kept / "_toc.yml", folder)
    for path in kept.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        for name in BESIDE_NEWEST:
            text = text.replace(f'href="{name}/', f'href="../../{name}/')
        write_atomically(folder / path.name, text)
    notebooks = {}
    for path in sorted((kept / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for name in BESIDE_NEWEST:
            text = text.replace(f"](../{name}/", f"](../../../{name}/")
        notebooks[path.name] = json.loads(text)
        write_atomically(folder / "notebooks" / path.name, text)
    document = (kept / "values.json").read_bytes()
    for place in ("results", "extra"):
        write_atomically(folder / place / "values.json", document)
    write_atomically(folder / "extra" / "lock.json", values.to_json(lock))
    if newest is not None:
        write_atomically(folder / "results" / "newest.json", values.to_json(newest))
    shown = {"comparisons": [lock.get("changes")], "editions": locks.published(kept.parent)}
    _write_before(folder, changes.since(shown, lock["name"]))
    _write_figures(folder, notebooks)
    return folder


def build_page(root: Path, edition: Edition, room: Path, executed: Path, work: Path, out: Path) -> None:
    """Build one executed chapter as a page of its own; links to the rest of the book stay plain text."""
    staged = stage(root, edition, room, [executed], work / "stage", root_page=f"notebooks/{executed.stem}")
    swap_folder(_jupyter_book(staged, work, strict=False), out)


def stage(
    root: Path, edition: Edition, room: Path, executed: list[Path], folder: Path, *, root_page=None, history=None
) -> Path:
    """Lay out everything jupyter-book needs in one folder and return it.

    Pages of `book/` come to the top, so that `book/index.md` becomes the site's `index.html`; what is generated
    (values, changes, sources, definitions, data) stands beside them.
    """
    from attrition import changes_page, pages, sources
    from attrition.room import open_room  # loads pandas: not before a site is really built

    _stage_look(root, folder)
    notebooks = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in executed}
    _write_toc(root, folder, root_page)
    own = another_room.is_own(root, room)
    for name, notebook in notebooks.items():
        shown = notebook if own else another_room.adapt_notebook(notebook, root, room)
        write_atomically(folder / "notebooks" / name, json.dumps(shown, ensure_ascii=False))
    opened = open_room(room, cutoff=edition.cutoff)
    results = document(edition, opened, notebooks)
    for place in ("results", "extra"):
        write_atomically(folder / place / "values.json", values.to_json(results))
    _write_before(folder, changes.since(history or {}, edition.name))
    _write_figures(folder, notebooks)
    _publish_room(room, folder / "extra")
    if root_page is None:
        for page in (root / "book").glob("*.md"):
            shutil.copy(page, folder)
        generated = pages.generate(opened, results, sources.manifests().values())
        generated["changes"] = changes_page.write(opened.sources(), results, history or changes_page.alone(results))
        for name, text in generated.items():
            write_atomically(folder / f"{name}.md", text)
        for page in () if own else folder.glob("*.md"):
            write_atomically(page, another_room.adapt(page.read_text(encoding="utf-8"), root, room))
    return folder


def _stage_look(root: Path, folder: Path) -> None:
    """Begin a stage: an empty folder with the configuration, the extension and the style of today."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(root / "_config.yml", folder)
    for name in BUILT_BESIDE:
        shutil.copytree(root / "book" / name, folder / "book" / name, ignore=shutil.ignore_patterns("__pycache__"))


def document(edition: Edition, room, notebooks: Mapping[str, dict]) -> dict:
    """Return what `values.json` will hold, with the sources' names beside their ids."""
    head = {"edition": edition.name, "title": edition.title, "cutoff": edition.cutoff.isoformat()}
    chapters = [
        (f"notebooks/{name}", notebook["metadata"]["attrition"]["inputs_sha256"], values.collect(notebook))
        for name, notebook in notebooks.items()
    ]
    found = values.document(head, chapters)
    names = room.sources()["name"]
    for row in found["values"].values():
        row["source_names"] = [str(names.get(source, source)) for source in row["sources"]]
    return {**found, "ages": ages.ages(room)}


def _write_before(folder: Path, before: Mapping | None) -> None:
    """Leave what reads differently from the edition before where the pages look for it."""
    if before is not None:
        write_atomically(folder / "results" / "before.json", values.to_json(before))


def _write_figures(folder: Path, notebooks: Mapping[str, dict]) -> None:
    """Write the figures: their words for the pages in `results`, their files for the site's root in `extra`."""
    from attrition import figures

    index = {}
    for name, notebook in notebooks.items():
        for figure, content in figures.collect(notebook).items():
            if figure in index:
                raise SiteError(
                    f"Expected each figure name once, found '{figure}' in {index[figure]['notebook']} and {name}."
                )
            files = figures.files(content)
            for ending, data in files.items():
                write_atomically(folder / "extra" / "figures" / f"{figure}{ending}", data)
            kept = ("caption", "source", "alt", "width", "height", "rows", "narrow")
            words = {k: content[k] for k in kept if k in content}
            index[figure] = {**words, "files": list(files), "notebook": f"notebooks/{name}"}
    write_atomically(folder / "results" / "figures.json", values.to_json(index))


def _publish_room(room: Path, extra: Path) -> None:
    """Copy the data room: tables under `data/`, the contract at the top with its paths to match."""
    for path in room_files(room):
        target = extra / "data" / path.relative_to(room)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    contract = json.loads((room / "datapackage.json").read_text(encoding="utf-8"))
    for resource in contract["resources"]:
        resource["path"] = f"data/{resource['path']}"
        if isinstance(resource.get("schema"), str):
            resource["schema"] = f"data/{resource['schema']}"
    write_atomically(extra / "datapackage.json", json.dumps(contract, indent=2, ensure_ascii=False) + "\n")


def _write_toc(root: Path, folder: Path, root_page: str | None) -> None:
    """Copy the table of contents, with `book/` taken off; for a page on its own, that page is all of it."""
    toc = (root / "_toc.yml").read_text(encoding="utf-8").replace("book/", "")
    if root_page is not None:
        toc = yaml.safe_dump({"format": "jb-book", "root": root_page})
    write_atomically(folder / "_toc.yml", toc)


def _jupyter_book(staged: Path, work: Path, *, strict: bool) -> Path:
    """Run jupyter-book over a stage and return the finished html folder."""
    output = work / "book"
    shutil.rmtree(output, ignore_errors=True)
    flags = ["-n", "-W", "--keep-going"] if strict else []
    command = [
        sys.executable,
        "-c",
        JUPYTER_BOOK,
        "build",
        str(staged),
        "--path-output",
        str(output),
        "-q",
        *flags,
    ]
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
    write_atomically(work / "book.log", done.stdout + done.stderr)
    html = output / "_build" / "html"
    if done.returncode or not (html / "index.html").exists():
        raise SiteError(f"Expected pages that build without a warning, found:\n{_complaints(done.stderr, staged)}")
    try:
        extras.finish(html, staged / "_config.yml")
    except extras.ExtrasError as error:
        raise SiteError(str(error)) from None
    return html


def _complaints(log: str, staged: Path) -> str:
    """The warnings and errors in jupyter-book's log, without colours and paths; its last line where there are none."""
    lines = [COLOUR.sub("", line).replace(f"{staged}/", "") for line in log.splitlines() if line.strip()]
    return "\n".join([line for line in lines if "WARNING" in line or "ERROR" in line] or lines[-1:])
