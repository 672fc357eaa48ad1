"""The one HTTP client: polite, patient within limits, and trusting nothing that arrives.

Only https, or plain http to a loopback mirror. Sizes are limited before and after decompression, the whole of an
exchange is limited in time however slowly its bytes drip, a redirect may only lead to the same host, and a page where
a file was expected is an error.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from ipaddress import ip_address

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

USER_AGENT = "attrition-ledger/0.1 (open report book; scheduled once a day; python-httpx)"
REDIRECTS = (301, 302, 303, 307, 308)
PASSING = (408, 425, 429, 500, 502, 503, 504)
MOST_REDIRECTS = 3
AT_ONCE_PER_HOST = 2


class FetchError(RuntimeError):
    """Something that could not be fetched; what was accepted before stays."""


class _Passing(FetchError):
    """A failure that may pass; `after` is the wait the server asks for, in seconds."""

    def __init__(self, sentence: str, after: float | None = None):
        super().__init__(sentence)
        self.after = after


@dataclass(frozen=True)
class Patience:
    """How long and how often to try, and how much to take.

    Attributes
    ----------
    attempts
        Tries of one address.
    wait_seconds, longest_wait_seconds
        First wait between two tries, doubled each time; the longest one, which a server's Retry-After may not exceed.
    silence_seconds
        Longest wait for the next byte.
    total_seconds
        Longest time for one address, tries and waits included.
    """

    attempts: int = 3
    wait_seconds: float = 2.0
    longest_wait_seconds: float = 30.0
    silence_seconds: float = 20.0
    total_seconds: float = 120.0


@dataclass(frozen=True)
class Request:
    """One address to fetch.

    Attributes
    ----------
    seen
        Headers for a conditional request, from the last time: `If-None-Match`, `If-Modified-Since`.
    link
        Pattern of a link on the page at the address, to be fetched in its stead.
    """

    address: str
    limit_bytes: int = 20_000_000
    seen: Mapping[str, str] = field(default_factory=dict)
    link: str | None = None


@dataclass(frozen=True)
class Answer:
    """What came back: the bytes, or None where nothing changed since the last time."""

    address: str
    body: bytes | None
    fetched: datetime
    validators: Mapping[str, str]


def fetch_all(
    requests: Iterable[Request], *, mirror: str | None = None, patience: Patience | None = None
) -> list[Answer | FetchError]:
    """Fetch all addresses at once, two at a time from one host.

    Parameters
    ----------
    mirror
        Send each `https://host/path` to `mirror/host/path` instead; only loopback may be plain http.

    Returns
    -------
    list
        In the order asked: an answer, or the error where there is none.

    Raises
    ------
    FetchError
        If the mirror is no place to fetch from.
    """
    if mirror is not None:
        _refuse_plain(httpx.URL(mirror))
    asking = partial(asyncio.run, _fetch_all(list(requests), mirror, patience or Patience()))
    with ThreadPoolExecutor(1) as aside:  # a thread of its own: the caller's may have an event loop, as notebooks do
        return aside.submit(asking).result()


def mirrored(address: str, mirror: str | None) -> str:
    """The address to call: its own, or its copy on a mirror.

    >>> mirrored("https://e.org/a.csv", "http://127.0.0.1:8000/")
    'http://127.0.0.1:8000/e.org/a.csv'
    """
    return address if mirror is None else f"{mirror.rstrip('/')}/{address.removeprefix('https://')}"


def _refuse_plain(url: httpx.URL) -> None:
    if url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.host)):
        return
    raise FetchError(f"Expected an address with https, or a loopback mirror, found '{url}': plain http is not safe.")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def _fetch_all(requests: list[Request], mirror: str | None, patience: Patience) -> list[Answer | FetchError]:
    hosts = {httpx.URL(one.address).host: asyncio.Semaphore(AT_ONCE_PER_HOST) for one in requests}
    timeout = httpx.Timeout(patience.silence_seconds)
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
    async with httpx.AsyncClient(timeout=timeout, headers=headers, trust_env=mirror is None) as client:

        async def one(request: Request) -> Answer | FetchError:
            async with hosts[httpx.URL(request.address).host]:
                try:
                    async with asyncio.timeout(patience.total_seconds):
                        return await _fetch(client, request, mirror, patience)
                except TimeoutError:
                    return FetchError(
                        f"Expected {request.address} within {patience.total_seconds:g} seconds, found it unfinished."
                    )
                except FetchError as error:
                    return error

        return await asyncio.gather(*(one(request) for request in requests))


async def _fetch(client: httpx.AsyncClient, request: Request, mirror: str | None, patience: Patience) -> Answer:
    address = mirrored(request.address, mirror)
    if request.link is not None:
        page = await _patiently(client, address, {}, request.limit_bytes, patience)
        address = mirrored(_linked(request.address, page.body or b"", request.link), mirror)
    answer = await _patiently(client, address, request.seen, request.limit_bytes, patience)
    if answer.body is not None:
        _refuse_empty_or_page(answer.body, request.address)
    return answer


def _linked(address: str, page: bytes, pattern: str) -> str:
    found = re.findall(pattern, page.decode("utf-8", errors="replace"))
    if not found:
        raise FetchError(f"Expected a link like '{pattern}' on the page {address}, found none: has the page moved?")
    target = httpx.URL(address).join(max(found))
    _refuse_other_host(httpx.URL(address), target)
    return str(target)


async def _patiently(client, address: str, seen: Mapping[str, str], limit: int, patience: Patience) -> Answer:
    def wait(state: RetryCallState) -> float:
        asked = getattr(state.outcome.exception(), "after", None)
        own = min(patience.wait_seconds * 2 ** (state.attempt_number - 1), patience.longest_wait_seconds)
        return own if asked is None else max(own, asked)

    tries = AsyncRetrying(
        retry=retry_if_exception_type(_Passing), stop=stop_after_attempt(patience.attempts), wait=wait, reraise=True
    )
    async for attempt in tries:
        with attempt:
            return await _once(client, address, seen, limit, patience)
    raise FetchError(f"Expected {address}, found no attempt allowed: allow at least one.")


async def _once(client, address: str, seen: Mapping[str, str], limit: int, patience: Patience) -> Answer:
    url = httpx.URL(address)
    try:
        for _ in range(MOST_REDIRECTS + 1):
            _refuse_plain(url)
            async with client.stream("GET", url, headers=dict(seen), follow_redirects=False) as response:
                if response.status_code not in REDIRECTS:
                    return await _answer(response, address, limit, patience)
                target = url.join(response.headers.get("location", ""))
            _refuse_other_host(url, target)
            url = target
    except httpx.HTTPError as error:
        raise _Passing(f"Expected an answer from {address}, found {type(error).__name__} ({error}).") from None
    except (httpx.InvalidURL, UnicodeError):
        raise FetchError(f"Expected a redirect of {address} to a proper address, found none.") from None
    raise FetchError(f"Expected at most {MOST_REDIRECTS} redirects from {address}, found more.")


def _refuse_other_host(url: httpx.URL, target: httpx.URL) -> None:
    if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
        raise FetchError(f"Expected {url} to stay with its host and scheme, found it leading to '{target}'.")


async def _answer(response: httpx.Response, address: str, limit: int, patience: Patience) -> Answer:
    status, headers = response.status_code, response.headers
    if status in PASSING:
        after = _retry_after(headers.get("retry-after"))
        sentence = f"Expected {address} to answer, found status {status}"
        if after is not None and after > patience.longest_wait_seconds:
            raise FetchError(f"{sentence} and the wish to wait {after:.0f} seconds: try again later.")
        raise _Passing(f"{sentence}.", after)
    names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    validators = {names[name]: headers[name] for name in names if name in headers}
    if status == 304:
        return Answer(address, None, datetime.now(UTC), validators)
    if status != 200:
        raise FetchError(f"Expected {address} to answer with status 200, found {status}: has the file moved?")
    return Answer(address, await _body(response, address, limit), datetime.now(UTC), validators)


async def _body(response: httpx.Response, address: str, limit: int) -> bytes:
    """Read the body as it comes, unpacking gzip by ourselves so that a bomb stops at the limit."""
    coding = response.headers.get("content-encoding", "identity").lower()
    if coding not in ("identity", "gzip"):
        raise FetchError(f"Expected {address} plain or with gzip, found the coding '{coding[:20]}'.")
    unpack = zlib.decompressobj(wbits=31) if coding == "gzip" else None
    told = response.headers.get("content-length", "")
    if told.isdigit() and int(told) > limit:
        raise FetchError(f"Expected at most {limit:,} bytes from {address}, found {int(told):,} announced.")
    body, taken = bytearray(), 0
    async for chunk in response.aiter_raw():
        taken += len(chunk)
        try:
            body += chunk if unpack is None else unpack.decompress(chunk, limit - len(body) + 1)
        except zlib.error:
            raise FetchError(f"Expected gzip from {address} as its header says, found something else.") from None
        if max(len(body), taken) > limit:
            raise FetchError(f"Expected at most {limit:,} bytes from {address}, found more.")
    if unpack is not None and not unpack.eof:
        raise _Passing(f"Expected the whole of {address}, found its gzip cut off.")
    return bytes(body)


def _retry_after(header: str | None) -> float | None:
    """Seconds that a server asks to wait, said as a number or as a time of day."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        return max((parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def _refuse_empty_or_page(body: bytes, address: str) -> None:
    start = body[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not start:
        raise FetchError(f"Expected content from {address}, found none.")
    if start.startswith((b"<!doctype html", b"<html")):
        raise FetchError(f"Expected a file from {address}, found a web page: probably an error said with status 200.")
