"""For the tests of live sources: small payloads of every source, a room that takes them, a publisher on loopback.

All numbers are invented; only the shape of the files is that of the publishers.
"""

import gzip
import http.server
import threading
import time
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import yaml
from rooms import add_row, contract, read_rows, write_contract, write_room, write_rows

from attrition import sources

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2026, 2, 13)
HASTE = sources.Patience(attempts=2, wait_seconds=0.01, longest_wait_seconds=1, silence_seconds=20, total_seconds=60)
IMPATIENCE = sources.Patience(
    attempts=2, wait_seconds=0.01, longest_wait_seconds=1, silence_seconds=0.4, total_seconds=1.2
)
MIRRORS = ("petroivaniuk", "lod_db", "romansverdan", "russianwarship")
KINDS = [column for column in sources.manifests()["romansverdan"].columns["losses"].values() if column != "personnel"]


def good(name):
    """The good payloads of a source, by name."""
    return {path.stem: path.read_bytes() for path in sorted((FIXTURES / name).iterdir()) if path.is_file()}


def broken(name):
    """The broken payloads of a source: file name, payload it stands for, bytes."""
    for path in sorted((FIXTURES / name / "broken").iterdir()):
        yield path.name, path.name.split("-")[0], path.read_bytes()


@cache
def _served():
    """What all publishers serve on `TODAY`, by path on the mirror."""
    pages = {}
    for name, source in sources.manifests().items():
        payloads = good(name)
        for part, address in source.on(TODAY).items():
            path = "/" + unquote(address.removeprefix("https://"))
            pages[path] = payloads["catalogue"] if source.link else payloads[part]
    budget = "minfin.gov.ru/opendata/7710168360-fedbud_month/data-20260209T0100-structure-20210312T0100.csv"
    pages["/" + budget] = good("minfin")["budget"]
    return pages


def served():
    """What all publishers serve, to be changed at will."""
    return dict(_served())


ROW = (  # an invented figure, so that the table is none without rows
    "E1,losses,killed_cumulative,RU,,,2022-03-02,2022-02-24,2022-03-02,,100,,about,persons,claim,general_staff_ua,"
    "a,https://e.org/1,,,p"
)


@cache
def path_of(name, part):
    """Where the publisher serves a payload; of a source found by a link, the file behind it."""
    if name == "minfin":
        return next(path for path in _served() if path.endswith("T0100.csv"))
    return "/" + unquote(sources.manifests()[name].on(TODAY)[part].removeprefix("https://"))


def live_room(folder, *, days=9):
    """A small room that knows every speaker and measure of the live sources and holds the claim for some days."""
    room = write_room(folder)
    package = contract(room)
    package["war"] |= {"start": "2022-02-24", "as_of": f"2026-02-{days:02}"}
    for path in room.rglob("*.csv"):
        write_rows(path, read_rows(path)[:1])
    package["war"]["daily_claim"] = {"measure": "killed_wounded_cumulative", "source": "general_staff_ua"}
    package["war"]["sides"] |= {"RU": {"name": "R", "adjective": "R"}, "UA": {"name": "U", "adjective": "U"}}
    _know(room)
    add_row(room, "evidence/losses", ROW)
    kept = ("sources", "definitions", "corrections", "evidence/losses")
    for path in [room / one["path"] for one in package["resources"] if one["name"] not in kept]:
        path.unlink()
    package["resources"] = [one for one in package["resources"] if one["name"] in kept]
    package["resources"] += _claim()
    rows = read_rows(FIXTURES / "romansverdan" / "losses.csv")
    write_rows(room / "series" / "general_staff.csv", [["date", "personnel", *KINDS], *_held(rows, days)])
    write_rows(room / "series" / "transcriptions.csv", [list(f["name"] for f in _claim()[1]["schema"]["fields"])])
    write_contract(room, package)
    return room


def _held(rows, days):
    """The first days of the claim in the order of the room's columns."""
    columns = sources.manifests()["romansverdan"].columns["losses"]
    place = {ours: rows[0].index(theirs) for theirs, ours in columns.items()}
    return [[row[0], row[place["personnel"]], *(row[place[kind]] for kind in KINDS)] for row in rows[1 : days + 1]]


def _know(room):
    """Add the speakers and measures that the sources name."""
    known = {row[0] for row in read_rows(room / "sources.csv")}
    measures = {row[0] for row in read_rows(room / "definitions.csv")}
    for source in sources.manifests().values():
        described = [target.resource for target in source.series.values() if target.resource]
        fields = [field for one in described for field in one["schema"]["fields"]]
        speakers = {source.speaker, *(one["source"] for one in described), *source.labels.get("source", {}).values()}
        for speaker in sorted(speakers - known):
            add_row(room, "sources", f"{speaker},{speaker},office,https://e.org,,")
        named = {field["measure"] for field in fields if "measure" in field}
        for measure in sorted((named | {"killed_wounded_cumulative", "killed_cumulative"}) - measures):
            add_row(room, "definitions", f"{measure},losses,What.,,stock,persons,no,,")
        known |= speakers
        measures |= named | {"killed_wounded_cumulative", "killed_cumulative"}


def _claim():
    number = {"type": "integer", "monotone": True, "constraints": {"minimum": 0}}
    fields = [{"name": "date", "type": "date", "constraints": {"required": True}}]
    fields += [{"name": "personnel", **number, "measure": "killed_wounded_cumulative"}]
    fields[1]["constraints"] = {"required": True, "minimum": 0}
    fields += [{"name": kind, **number} for kind in KINDS]
    common = {"side": "RU", "source": "general_staff_ua", "dateField": "date"}
    names = sorted([sources.manifests()[name].series["general_staff"].transcription for name in MIRRORS] + ["own"])
    disputed = [{"name": "date", "type": "date"}, {"name": "field"}, {"name": "transcription"}]
    disputed[2] |= {"constraints": {"enum": names}}
    disputed += [{"name": name, "type": "integer"} for name in ("value", "majority", "decided")] + [{"name": "verdict"}]
    return [
        {
            "name": "series/general_staff",
            "path": "series/general_staff.csv",
            **common,
            "transcribedBy": "own",
            "transcribedUntil": "2026-02-06",
            "schema": {"fields": fields, "primaryKey": ["date"]},
        },
        {
            "name": "series/transcriptions",
            "path": "series/transcriptions.csv",
            **common,
            "transcribes": "series/general_staff",
            "schema": {"fields": disputed, "primaryKey": ["date", "field", "transcription"]},
        },
    ]


class Publisher:
    """All publishers on loopback: what they serve, how they misbehave, and what they were asked."""

    def __init__(self, pages):
        self.pages, self.asked, self.faults = dict(pages), [], {}

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @contextmanager
    def serving(self):
        publisher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = unquote(self.path)
                publisher.asked.append((path, dict(self.headers)))
                fault = publisher.faults.get(path)
                try:
                    if callable(fault):
                        fault(self)
                    elif path in publisher.pages:
                        publisher.send(self, publisher.pages[path])
                    else:
                        publisher.send(self, b"not here", status=404)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()

    @staticmethod
    def send(handler, body, *, status=200, length=None, **headers):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)
        if length is not None:
            handler.close_connection = True


def status(code, **headers):
    return lambda handler: Publisher.send(handler, b"<html>sorry</html>", status=code, **headers)


def silence(handler):
    time.sleep(0.8)


def drip(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(30):
        handler.wfile.write(b"[")
        handler.wfile.flush()
        time.sleep(0.1)


def refusal(handler):
    """Close the connection without a word."""
    handler.close_connection = True
    handler.connection.close()


def bomb(handler):
    Publisher.send(handler, gzip.compress(b" " * 60_000_000), Content_Encoding="gzip")


def huge(handler):
    """Announce 200 MB and begin to send them."""
    handler.send_response(200)
    handler.send_header("Content-Length", "200000000")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" " * 1_000_000)


def huge_unannounced(handler):
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" " * 1_000_000)


def cut_short(handler):
    Publisher.send(handler, b'[{"date": "2026-02', length=5000)


def serve(body, **headers):
    return lambda handler: Publisher.send(handler, body, **headers)


def yaml_of(name):
    return yaml.safe_load((Path(sources.__file__).parent / f"{name}.yml").read_text(encoding="utf-8"))
