"""What a finished site carries beside its text: policy, cards, map, feed, citation, description for machines."""

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
import yaml

from attrition import citing, extras, lock
from attrition.edition import Edition

ATOM = {"a": "http://www.w3.org/2005/Atom"}
PAGE = """<!DOCTYPE html><html><head>
<meta charset="utf-8" /><title>T</title><script>var a = "1";</script><script src="_static/b.js"></script></head><body>
<article><h1>Is "it" <b>so</b>?<a class="headerlink">#</a></h1>{body}</article></body></html>"""
FIGURE = '<div class="result-figure"><figure id="figure-weekly"><img src="figures/weekly.svg"></figure></div>'
PAGES = {
    "index.html": f'<div class="admonition answer"><p class="admonition-title">A</p><p>Yes & no.</p></div>{FIGURE}',
    "notebooks/one.html": "<p>First.</p>",
    "search.html": "",
    "404.html": '<p><a href="index.html">home</a> <a href="#x">x</a> <img src="./f.png"></p>',
    "_static/no.html": "",
    "editions/2025-11/index.html": "",
}
SHOWN = {"edition": "2026-05", "title": "May 2026", "cutoff": "2026-05-31", "values": {}}
FROZEN = {"2025-11": "2026-03-01", "2026-02": "2026-03-09"}
CONTRACT = {"war": {"start": "2022-02-24"}, "resources": [{"path": "data/a.csv", "title": "A"}]}
CITED = {
    "title": "Ledger: a book",
    "authors": [{"name": "The contributors"}],
    "date-released": "2026-11-23",
    "abstract": "Short.",
}


@pytest.fixture
def root(tmp_path):
    """A project with three editions, the older two published, and a finished site of the newest."""
    site = tmp_path / "site"
    for name, body in PAGES.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(PAGE.format(body=body), encoding="utf-8")
    (site / "_sources" / "notebooks").mkdir(parents=True)
    (site / "_sources" / "notebooks" / "one.ipynb").write_text("{}")
    (site / "values.json").write_text(json.dumps(SHOWN))
    (site / "datapackage.json").write_text(json.dumps(CONTRACT))
    (tmp_path / "CITATION.cff").write_text(yaml.safe_dump(CITED))
    (tmp_path / "editions").mkdir()
    for name, cutoff in (("2025-11", "2025-11-30"), ("2026-02", "2026-02-28"), ("2026-05", "2026-05-31")):
        text = f'name: "{name}"\ntitle: Edition <{name}>\ncutoff: {cutoff}\n'
        (tmp_path / "editions" / f"{name}.yml").write_text(text)
    for name, day in FROZEN.items():
        (site / "editions" / name).mkdir(parents=True, exist_ok=True)
        kept = {key: {} for key in lock.ENTRIES} | {"name": name, "cutoff": "2025-11-30", "frozen": day}
        (tmp_path / "editions" / f"{name}{lock.ENDING}").write_text(json.dumps(kept))
    return tmp_path


def finish(root, address=""):
    config = root / "_config.yml"
    config.write_text(yaml.safe_dump({"title": "The <Ledger>", "html": {"baseurl": address}}))
    extras.finish(root / "site", config)
    citing.announce(root / "site", root)
    return root / "site"


def head(page):
    return page.read_text(encoding="utf-8").split("</head>")[0]


def test_policy_allows_a_page_its_own_files_and_its_own_inline_scripts():
    digest = base64.b64encode(hashlib.sha256(b"var a = 1;").digest()).decode()
    told = extras.policy('<script>var a = 1;</script><script src="b.js"></script>')
    assert f"script-src 'self' 'sha256-{digest}';" in told
    assert "unsafe" not in told and "default-src 'none'" in told


def test_policy_allows_inline_styles_only_where_there_are_some():
    assert "style-src 'self' 'unsafe-inline'" in extras.policy('<td style="color: red">')
    assert "unsafe" not in extras.policy("<p>no style= here</p>")


def test_every_page_gets_policy_and_card_before_anything_is_loaded(root):
    site = finish(root)
    for name in ("index.html", "notebooks/one.html", "search.html", "404.html"):
        text = head(site / name)
        assert text.index("Content-Security-Policy") < text.index("<script")
        assert '<meta property="og:title" content="Is &quot;it&quot; so?">' in text
        assert '<meta name="data-cutoff" content="2026-05-31">' in text
    assert "Content-Security-Policy" not in head(site / "_static" / "no.html")
    assert "Content-Security-Policy" not in head(site / "editions" / "2025-11" / "index.html")


def test_card_says_the_answer_and_is_escaped(root):
    text = head(finish(root) / "index.html")
    assert '<meta name="description" content="Yes &amp; no.">' in text
    assert 'content="The &lt;Ledger&gt;"' in text
    assert "og:image" not in text and "og:url" not in text  # they need a whole address


def test_with_an_address_cards_have_pictures(root):
    site = finish(root, "https://example.org/book")
    for name in ("index.html", "notebooks/one.html"):
        assert 'property="og:image" content="https://example.org/book/figures/weekly.png"' in head(site / name)
    assert 'property="og:url" content="https://example.org/book/notebooks/one.html"' in head(
        site / "notebooks/one.html"
    )


def test_style_sheets_keep_what_pages_and_their_scripts_name(root):
    styles = root / "site" / "_static" / "styles"
    styles.mkdir()
    (root / "site" / "_static" / "b.js").write_text("e.classList.add('by-script')")
    (styles / "pydata-sphinx-theme.css").write_text(
        ".answer{a:b}.by-script{a:b}.by-nobody{a:b}/* .x } */.by-nobody a,p{a:'}'}@media print{.by-nobody{a:b}}"
    )
    (root / "site" / "_static" / "book.css").write_text(".by-nobody{a:b}")
    site = finish(root)
    assert (site / "_static/styles/pydata-sphinx-theme.css").read_text() == ".answer{a:b}.by-script{a:b}p{a:'}'}"
    assert (site / "_static/book.css").read_text() == ".by-nobody{a:b}"


def test_description_ends_with_a_whole_word():
    from bs4 import BeautifulSoup

    page = BeautifulSoup(f"<article><h1>A</h1><p>{'word ' * 90}</p></article>", "html.parser")
    told = extras.describe(page)
    assert len(told) <= extras.DESCRIPTION and told.endswith("word …")


def test_page_for_what_is_not_there_refers_by_the_whole_path_where_it_is_known(root):
    page = (finish(root) / "404.html").read_text(encoding="utf-8")
    assert 'href="index.html"' in page
    page = (finish(root, "https://example.org/book/") / "404.html").read_text(encoding="utf-8")
    assert 'href="/book/index.html"' in page and 'src="/book/f.png"' in page and 'href="#x"' in page


@pytest.mark.parametrize("address", ["", "https://example.org/"])
def test_sitemap_lists_the_pages_and_robots_say_where_it_is(root, address):
    site = finish(root, address)
    tree = ElementTree.fromstring((site / "sitemap.xml").read_text(encoding="utf-8"))
    found = [tag.text for tag in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert found == [f"{address}index.html", f"{address}notebooks/one.html"]
    said = (site / "robots.txt").read_text()
    assert said.startswith("User-agent: *\nAllow: /\n")
    assert ("Sitemap: https://example.org/sitemap.xml" in said) is bool(address)


def test_feed_has_the_published_editions_by_their_day_of_publication(root):
    site = finish(root, "https://example.org/")
    tree = ElementTree.fromstring((site / "feed.xml").read_text(encoding="utf-8"))
    entries = tree.findall("a:entry", ATOM)
    links = [entry.find("a:link", ATOM).get("href") for entry in entries]
    assert links == [f"https://example.org/editions/{name}/index.html" for name in ("2026-02", "2025-11")]
    for name in ("a:updated", "a:published"):
        assert [entry.find(name, ATOM).text for entry in entries] == ["2026-03-09T00:00:00Z", "2026-03-01T00:00:00Z"]
    assert tree.find("a:updated", ATOM).text == "2026-03-09T00:00:00Z"
    ids = [entry.find("a:id", ATOM).text for entry in entries]
    assert len(set(ids)) == 2
    assert entries[1].find("a:title", ATOM).text == "The <Ledger>, edition Edition <2025-11>"


def test_ids_in_the_feed_do_not_need_an_address():
    one = Edition(name="2026-05", title="May", cutoff="2026-05-31")
    tree = ElementTree.fromstring(citing.feed("A Book", "", [one], {"2026-05": "2026-06-09"}))
    assert tree.find("a:id", ATOM).text == "urn:a-book:editions"
    assert tree.find("a:entry/a:id", ATOM).text == "urn:a-book:2026-05"
    assert tree.find("a:entry/a:link", ATOM).get("href") == "editions/2026-05/index.html"


@pytest.mark.parametrize("address", ["", "https://example.org/"])
def test_feed_has_all_that_atom_asks_for(root, address):
    """RFC 4287: a feed and each entry have one id, title and updated; the feed has an author and a link to itself."""
    tree = ElementTree.fromstring((finish(root, address) / "feed.xml").read_text(encoding="utf-8"))
    for part in (tree, *tree.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(part.findall(f"a:{name}", ATOM)) == 1, name
        assert re.fullmatch(r"(urn:[a-z0-9-]+:|https://).+", part.find("a:id", ATOM).text)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", part.find("a:updated", ATOM).text)
    assert tree.find("a:author/a:name", ATOM).text and tree.find("a:link[@rel='self']", ATOM) is not None


def test_feed_without_a_published_edition_is_still_a_feed():
    tree = ElementTree.fromstring(citing.feed("A Book", "", [], {}))
    assert tree.findall("a:entry", ATOM) == [] and tree.find("a:updated", ATOM).text == citing.NEVER


def test_bibtex_names_edition_and_cutoff(root):
    text = (finish(root, "https://example.org/") / "citation.bib").read_text(encoding="utf-8")
    assert re.match(r"@book\{\w+202605,\n", text)
    assert "edition = {May 2026}" in text and "Data to 2026-05-31" in text and "url = {https://example.org/}" in text
    assert text.count("{") == text.count("}")


def test_crate_describes_files_that_are_there(root):
    site = finish(root)
    (site / "data").mkdir()
    (site / "data" / "a.csv").write_text("x\n")
    graph = json.loads((site / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    entries = {entry["@id"]: entry for entry in graph}
    assert entries["ro-crate-metadata.json"]["conformsTo"]["@id"] == "https://w3id.org/ro/crate/1.1"
    parts = [part["@id"] for part in entries["./"]["hasPart"]]
    assert parts == ["data/a.csv", "values.json", "_sources/notebooks/one.ipynb"]
    assert all((site / part).is_file() and entries[part]["@type"] == "File" for part in parts)
    assert entries["./"]["temporalCoverage"] == "2022-02-24/2026-05-31"
    referred = [one["@id"] for one in entries["./"]["license"] + entries["./"]["author"]]
    assert all(name in entries for name in referred)


def test_the_same_site_gets_the_same_bytes(root):
    names = ("index.html", "feed.xml", "sitemap.xml", "citation.bib", "ro-crate-metadata.json")
    fresh = {name: (root / "site" / name).read_text() for name in PAGES}
    first = [(finish(root) / name).read_bytes() for name in names]
    for name, text in fresh.items():
        (root / "site" / name).write_text(text)
    assert [(finish(root) / name).read_bytes() for name in names] == first


def test_a_page_without_charset_is_named(root):
    (root / "site" / "search.html").write_text("<p>bare</p>")
    with pytest.raises(extras.ExtrasError, match=r"Expected '<meta charset=\"utf-8\">' in search.html, found none"):
        finish(root)


def test_a_page_that_only_sends_on_is_left_as_it_is(root):
    sent = '<meta http-equiv="Refresh" content="0; url=notebooks/one.html" />'
    (root / "site" / "index.html").write_text(sent)
    assert (finish(root) / "index.html").read_text() == sent


def test_an_address_that_is_none_is_refused(root):
    with pytest.raises(extras.ExtrasError, match=r"\(html: baseurl:\) to begin with https://, found 'example.org'"):
        finish(root, "example.org")
