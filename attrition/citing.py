"""How an edition is cited and announced: BibTeX, a feed of editions, and a description of the whole for machines.

Text out of the settings of the book, the editions and the data room's contract; nothing depends on the day of the
build.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import yaml

from attrition import edition, lock
from attrition.extras import public_address
from attrition.files import write_atomically

CITATION = "CITATION.cff"
NEVER = "1970-01-01T00:00:00Z"  # a feed has to say when it changed, also one without an entry
LICENCES = {
    "text and data": "https://creativecommons.org/licenses/by/4.0/",
    "code": "https://opensource.org/license/mit",
}


def announce(site: Path, root: Path) -> None:
    """Write the feed of editions, the citation files and the description for machines into a finished site.

    Parameters
    ----------
    site : Path
        The finished site; ``values.json`` in it names the edition it shows.
    root : Path
        The project's top folder: `_config.yml`, `CITATION.cff` and `editions`.
    """
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    shown = json.loads((site / "values.json").read_text(encoding="utf-8"))
    title, address = settings["title"], public_address(settings)
    editions = [edition.read(path) for path in sorted((root / "editions").glob("*.yml"))]
    published = {one["name"]: one["frozen"] for one in lock.published(root / "editions")}
    built = [one for one in editions if one.name in published and (site / "editions" / one.name).is_dir()]
    write_atomically(site / "feed.xml", feed(title, address, built, published))
    if (root / CITATION).is_file():  # a project that nobody is asked to cite has none
        cited = yaml.safe_load((root / CITATION).read_text(encoding="utf-8"))
        write_atomically(site / "citation.bib", bibtex(title, cited, shown, address))
        write_atomically(site / CITATION, (root / CITATION).read_bytes())
        write_atomically(site / "ro-crate-metadata.json", crate(site, cited, shown, address))


def feed(title: str, address: str, editions: Iterable[edition.Edition], published: Mapping[str, str]) -> str:
    """Write an Atom feed: one entry a published edition, the newest first, at its permanent address.

    Parameters
    ----------
    address : str
        The site's own; where it is empty the links are relative to the feed.
    published : mapping
        Day of publication (ISO) by edition. An edition never changes afterwards, so it was updated on that day too.
    """
    rows = sorted(editions, key=lambda one: (published[one.name], one.cutoff), reverse=True)
    entries = [_entry(title, address, one, published[one.name]) for one in rows]
    updated = f"{published[rows[0].name]}T00:00:00Z" if rows else NEVER
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<feed xmlns="http://www.w3.org/2005/Atom">',
            f"  <title>{escape(title)}</title>",
            f"  <id>{escape(address) or f'urn:{_name(title)}:editions'}</id>",
            f"  <updated>{updated}</updated>",
            f"  <author><name>{escape(title)}</name></author>",
            f'  <link rel="self" href={quoteattr(address + "feed.xml")}/>',
            f"  <link href={quoteattr(address + 'index.html')}/>",
            *entries,
            "</feed>\n",
        ]
    )


def _entry(title: str, address: str, one: edition.Edition, published: str) -> str:
    place = f"editions/{one.name}/index.html"
    return "\n".join(
        [
            "  <entry>",
            f"    <title>{escape(f'{title}, edition {one.title}')}</title>",
            f"    <id>{escape(address) or 'urn:'}{_name(title) + ':' if not address else ''}{escape(one.name)}</id>",
            f"    <published>{published}T00:00:00Z</published>",
            f"    <updated>{published}T00:00:00Z</updated>",
            f"    <link href={quoteattr(address + place)}/>",
            f"    <summary>Data to {one.cutoff.isoformat()}.</summary>",
            "  </entry>",
        ]
    )


def bibtex(title: str, cited: Mapping, shown: Mapping, address: str) -> str:
    """Write the BibTeX entry of an edition."""
    fields = {
        "title": f"{{{cited['title']}}}",
        "author": " and ".join(f"{{{author['name']}}}" for author in cited["authors"]),
        "year": str(cited["date-released"])[:4],
        "edition": shown["title"],
        "note": f"Data to {shown['cutoff']}",
        **({"url": address} if address else {}),
    }
    body = "".join(f"  {name} = {{{text}}},\n" for name, text in fields.items())
    return f"@book{{{_name(title).replace('-', '')}{shown['edition'].replace('-', '')},\n{body}}}\n"


def crate(site: Path, cited: Mapping, shown: Mapping, address: str) -> str:
    """Describe the site as a research object (RO-Crate 1.1): the edition, its values, its tables, its notebooks."""
    contract = json.loads((site / "datapackage.json").read_text(encoding="utf-8"))
    files = [_file(row["path"], row.get("title", row["path"]), "text/csv") for row in contract["resources"]]
    files += [_file("values.json", "Every recorded value of the edition", "application/json")]
    notebooks = sorted((site / "_sources" / "notebooks").glob("*.ipynb"))
    files += [
        _file(f"_sources/notebooks/{path.name}", f"Chapter {path.stem} as it ran", "application/x-ipynb+json")
        for path in notebooks
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{cited['title']} Edition {shown['title']}",
        "description": " ".join(cited["abstract"].split()),
        "datePublished": str(cited["date-released"]),
        "temporalCoverage": f"{contract['war']['start']}/{shown['cutoff']}",
        "version": shown["edition"],
        "keywords": list(cited.get("keywords", [])),
        "license": [{"@id": link} for link in LICENCES.values()],
        "author": [{"@id": "#authors"}],
        "hasPart": [{"@id": file["@id"]} for file in files],
        **({"url": address} if address else {}),
    }
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        root,
        {"@id": "#authors", "@type": "Organization", "name": cited["authors"][0]["name"]},
        *({"@id": link, "@type": "CreativeWork", "name": f"Licence of {what}"} for what, link in LICENCES.items()),
        *files,
    ]
    document = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _file(path: str, name: str, kind: str) -> dict:
    return {"@id": path, "@type": "File", "name": name, "encodingFormat": kind}


def _name(title: str) -> str:
    """A title as a name in addresses.

    >>> _name("Attrition Ledger")
    'attrition-ledger'
    """
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
