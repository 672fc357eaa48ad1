"""The HTTP client against a loopback server that misbehaves in every way."""

import asyncio
import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from live import (
    HASTE,
    IMPATIENCE,
    Publisher,
    bomb,
    cut_short,
    drip,
    huge,
    huge_unannounced,
    refusal,
    serve,
    silence,
    status,
)

from attrition.sources import FetchError, Patience, Request, fetch_all

ADDRESS = "https://publisher.example/data/a%20file.csv?day=1"
PATH = "/publisher.example/data/a file.csv?day=1"


@pytest.fixture
def publisher():
    with Publisher({PATH: b"a,b\n1,2\n"}).serving() as serving:
        yield serving


def fetch(publisher, *, patience=HASTE, **options):
    (answer,) = fetch_all([Request(ADDRESS, **options)], mirror=publisher.address, patience=patience)
    return answer


def test_a_file_is_fetched_from_its_copy_on_the_mirror(publisher):
    answer = fetch(publisher)
    assert answer.body == b"a,b\n1,2\n" and answer.fetched.tzinfo is UTC
    path, headers = publisher.asked[0]
    assert path == PATH and "attrition-ledger" in headers["User-Agent"]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (refusal, "Expected an answer from .*, found (RemoteProtocolError|ReadError)"),
        (silence, "Expected an answer from .*, found ReadTimeout"),
        (drip, "Expected .* within 1.2 seconds, found it unfinished"),
        (status(404), "Expected .* to answer with status 200, found 404: has the file moved"),
        (status(403), "found 403"),
        (status(500), "Expected .* to answer, found status 500"),
        (status(429), "Expected .* to answer, found status 429"),
        (status(429, Retry_After="3600"), "found status 429 and the wish to wait 3600 seconds: try again later"),
        (serve(b"<!DOCTYPE html><p>Sorry"), "found a web page: probably an error said with status 200"),
        (serve(b""), "Expected content from .*, found none"),
        (serve(b"\xef\xbb\xbf  \n"), "Expected content from .*, found none"),
        (cut_short, "Expected an answer from .*, found RemoteProtocolError"),
        (huge, "Expected at most 100,000 bytes from .*, found 200,000,000 announced"),
        (huge_unannounced, "Expected at most 100,000 bytes from .*, found more"),
        (bomb, "Expected at most 100,000 bytes from .*, found more"),
        (serve(b"plain", Content_Encoding="gzip"), "Expected gzip from .* as its header says, found something else"),
        (serve(gzip.compress(b"x" * 9999)[:-9], Content_Encoding="gzip"), "found its gzip cut off"),
        (serve(b"x", Content_Encoding="br"), "plain or with gzip, found the coding 'br'"),
        (status(302, Location="http://127.0.0.1:1/elsewhere"), "to stay with its host and scheme, found it leading to"),
        (status(302, Location="https://evil.example/"), "to stay with its host and scheme, found it leading to"),
        (status(301, Location="file:///etc/passwd"), "to stay with its host and scheme, found it leading to|proper"),
        (status(302, Location="?again"), "Expected at most 3 redirects from .*, found more"),
    ],
)
def test_a_fault_is_one_sentence_and_no_body(publisher, fault, message):
    publisher.faults[PATH] = fault
    publisher.faults["/publisher.example/data/a file.csv?again"] = fault
    patience = IMPATIENCE if fault in (silence, drip) else HASTE
    answer = fetch(publisher, patience=patience, limit_bytes=100_000)
    assert isinstance(answer, FetchError) and "\n" not in str(answer)
    with pytest.raises(FetchError, match=message):
        raise answer


def test_a_closed_port_is_one_sentence():
    with Publisher({}).serving() as gone:
        address = gone.address
    (answer,) = fetch_all([Request(ADDRESS)], mirror=address, patience=HASTE)
    with pytest.raises(FetchError, match="Expected an answer from .*, found ConnectError"):
        raise answer


def test_a_bomb_is_not_unpacked_beyond_the_limit(publisher):
    import tracemalloc

    publisher.faults[PATH] = serve(gzip.compress(b" " * 60_000_000), Content_Encoding="gzip")
    tracemalloc.start()
    assert isinstance(fetch(publisher, limit_bytes=100_000), FetchError)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_gzip_is_unpacked(publisher):
    publisher.faults[PATH] = serve(gzip.compress(b"a,b\n"), Content_Encoding="gzip")
    assert fetch(publisher).body == b"a,b\n"


def test_a_caller_with_an_event_loop_of_its_own_may_fetch(publisher):
    async def within():
        return fetch(publisher)

    publisher.pages[PATH] = b"a,b\n"
    with ThreadPoolExecutor(1) as aside:
        assert aside.submit(lambda: asyncio.run(within())).result().body == b"a,b\n"


def test_a_redirect_within_the_host_is_followed(publisher):
    publisher.pages["/moved"] = b"moved"
    publisher.faults[PATH] = status(301, Location="/moved")
    assert fetch(publisher).body == b"moved"


def test_a_passing_failure_is_tried_again_after_the_wait_asked_for(publisher):
    times = []

    def once(handler):
        times.append(time.monotonic())
        reply = status(429, Retry_After="1") if len(times) == 1 else serve(b"here")
        reply(handler)

    publisher.faults[PATH] = once
    assert fetch(publisher, patience=Patience(2, 0.01, 5, 1, 5)).body == b"here"
    assert times[1] - times[0] >= 1


def test_a_wait_asked_for_as_a_time_of_day_is_understood(publisher):
    until = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    publisher.faults[PATH] = status(503, Retry_After=until)
    assert "the wish to wait 7" in str(fetch(publisher))


def test_a_lasting_failure_is_not_tried_again(publisher):
    publisher.faults[PATH] = status(404)
    fetch(publisher)
    assert len(publisher.asked) == 1


def test_what_did_not_change_is_not_sent_again(publisher):
    def conditional(handler):
        same = handler.headers.get("If-None-Match") == '"v1"'
        Publisher.send(handler, b"" if same else b"new", status=304 if same else 200, ETag='"v1"')

    publisher.faults[PATH] = conditional
    first = fetch(publisher)
    assert first.body == b"new" and first.validators == {"If-None-Match": '"v1"'}
    assert fetch(publisher, seen=first.validators).body is None


def test_a_link_on_a_page_is_followed_to_the_newest_file(publisher):
    publisher.pages[PATH] = b'<a href="/data/f-1.csv">1</a> <a href="/data/f-2.csv">2</a>'
    publisher.pages["/publisher.example/data/f-2.csv"] = b"two"
    assert fetch(publisher, link=r'href="([^"]*f-\d\.csv)"').body == b"two"
    publisher.pages[PATH] = b'<a href="https://evil.example/f-3.csv">'
    assert "to stay with its host" in str(fetch(publisher, link=r'href="([^"]*f-\d\.csv)"'))
    publisher.pages[PATH] = b"<html>"
    assert "Expected a link like" in str(fetch(publisher, link=r'href="([^"]*f-\d\.csv)"'))


def test_failures_of_one_do_not_hold_up_others(publisher):
    publisher.pages["/other.example/b"] = b"b"
    publisher.faults[PATH] = silence
    asked = [Request(ADDRESS), Request("https://other.example/b")]
    slow, other = fetch_all(asked, mirror=publisher.address, patience=IMPATIENCE)
    assert isinstance(slow, FetchError) and other.body == b"b"


@pytest.mark.parametrize("mirror", ["http://10.0.0.1/", "http://mirror.example", "ftp://127.0.0.1", "//x"])
def test_a_mirror_without_https_has_to_be_on_loopback(mirror):
    with pytest.raises(FetchError, match="Expected an address with https, or a loopback mirror, found"):
        fetch_all([Request(ADDRESS)], mirror=mirror)


def test_plain_http_is_refused_without_a_mirror():
    (answer,) = fetch_all([Request("http://publisher.example/")], patience=HASTE)
    with pytest.raises(FetchError, match="plain http is not safe"):
        raise answer
