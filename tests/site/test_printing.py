"""The whole book as one PDF: every page in order, every figure whole, links that lead to places in it."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import links
import printing
from browser import SITE
from bs4 import BeautifulSoup


@pytest.fixture(scope="module")
def book(chromium):
    return BeautifulSoup(printing.assemble(SITE), "html.parser")


def test_every_page_of_the_contents_is_there_in_order(book):
    names = printing.order(SITE)
    assert names[0] == "index.html" and "values.html" in names and len(names) > 5
    titles = [" ".join(links.parsed(SITE / name).select_one("article h1").find(string=True).split()) for name in names]
    assert [" ".join(title.find(string=True).split()) for title in book.select("article h1")] == titles


def test_every_link_inside_leads_to_a_place_inside(book):
    places = {tag["id"] for tag in book.find_all(id=True)}
    inside = [link["href"] for link in book.find_all("a", href=True) if not re.match("[a-z]+:", link["href"])]
    assert len(inside) > 50
    assert [address for address in inside if address.removeprefix("#") not in places] == []


def test_ids_are_unique(book):
    ids = [tag["id"] for tag in book.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_only_what_paper_can_show_is_left(book):
    assert book.select("script, button, form, .value-note, img.only-dark") == []
    assert len(book.select("figure img")) == len(book.find_all("figure"))


def test_pdf_has_pages_outline_and_whole_figures(chromium, tmp_path):
    file = tmp_path / "book.pdf"
    assert printing.write(chromium, SITE, file) == []
    content = file.read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) >= len(printing.order(SITE))
    assert b"/Outlines" in content and b"/StructTreeRoot" in content
