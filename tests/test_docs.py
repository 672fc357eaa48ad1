"""What the documents say is so: paths exist, commands parse, tables agree with the code."""

import re
import shlex
from pathlib import Path

import pytest

from attrition import build, cli, parameters, wording

ROOT = Path(__file__).parents[1]
NAMED = ("README.md", "CONTRIBUTING.md", "data/README.md")
DOCUMENTS = [*(ROOT / name for name in NAMED), *sorted((ROOT / "book").glob("*.md"))]
TOPS = ("attrition/", "book/", "data/", "editions/", "notebooks/", "tests/")


def code_spans(path):
    return re.findall(r"`([^`\n]+)`", path.read_text(encoding="utf-8"))


def commands(path):
    """Lines of shell blocks that call the project's own command."""
    for block in re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
        yield from (line for line in block.splitlines() if "-m attrition " in line)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_paths_named_in_documents_exist(path):
    named = [span for span in code_spans(path) if span.startswith(TOPS) and not re.search(r"[<>* ]", span)]
    assert [span for span in named if not (ROOT / span).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_in_documents_parse_and_name_what_exists(path):
    chapters = {one.name: one for one in build.chapters(ROOT)}
    begun = re.findall(r"attrition new chapter ([a-z_]+)", path.read_text(encoding="utf-8"))
    for line in commands(path):
        options = cli.parser().parse_args(shlex.split(line.split("-m attrition ")[1]))
        name = getattr(options, "chapter", None)
        assert name is None or name in chapters or name in begun, line
        if getattr(options, "given", None):
            given = dict(text.split("=") for text in options.given)
            assert parameters.validate(name, chapters[name].defaults, given)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_named_in_documents_exist(path):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {span.split()[1] for span in code_spans(path) if re.fullmatch(r"make [a-z]+( .*)?", span)}
    assert named <= targets


def test_the_likelihood_table_for_readers_is_the_one_of_the_code():
    text = (ROOT / "book" / "how-to-read.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z ]+) \| ([\d]+ to [\d]+ %) \|$", text, re.MULTILINE)
    assert rows == [(row.word, wording.likelihood_range(row.word)) for row in wording.LIKELIHOODS]


def test_pins_say_no_index_and_carry_hashes():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "--index-url" not in text and "--find-links" not in text and "://" not in text
    pinned = re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)
    assert text.count("--hash=sha256:") > len(pinned)
    assert "jupyter-book==1.0.4.post1" in text
    wished = re.findall(r"^([a-z-]+)", (ROOT / "requirements.in").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(wished) <= set(pinned)
