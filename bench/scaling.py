"""How the time of an answer grows with the data: Nexus over two databases in turns, one request at a time."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from statistics import median
from typing import Any, Final

from bench.data import bench_database
from bench.load import press
from bench.measuring import questions
from bench.questions import Questions, http
from bench.report import spread
from bench.servers import LIMIT, NEXUS, Contestant, Server, new_secret, serving

SMALL: Final = 10_000
LARGE: Final = 1_000_000
DEEPEST: Final = 100_000
READS: Final = ("q1", "q2", "q3", "q4", "q5", "q6")
# What people meet on a first page, beside the questions.
SEARCH: Final = "query ($q: String!) { search(query: $q) { totalCount suggestion nodes { __typename } } }"
LISTED: Final = "query ($q: String!) { entries(where: {text: $q}) { nodes { title } pageInfo { hasNextPage } } }"
OF_TAG: Final = 'query ($q: String!) { tag(slug: "leader") { entries(where: {text: $q}) { nodes { title } } } }'
PAGES: Final = {
    "a common word, searched": (SEARCH, "service"),
    "a rare word, searched": (SEARCH, "tinrunfir"),
    "nothing, searched": (SEARCH, "zzzzqq"),
    "entries with a common word": (LISTED, "service"),
    "entries with a rare word": (LISTED, "tinrunfir"),
    "entries with a word that nobody wrote": (LISTED, "zzzzqq"),
    "the busiest tag's entries with it": (OF_TAG, "zzzzqq"),
    "the busiest tag's page": (
        "query ($q: String!) { tag(slug: $q) { entryCount entries { totalCount nodes { title } } } }",
        "leader",
    ),
}  # fmt: skip


@dataclass(slots=True)
class Grown:
    """An operation's medians in milliseconds, by round, in the small and the large database."""

    name: str
    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Large by small, by round."""
        return [large / small for small, large in zip(self.small, self.large, strict=True)]


@dataclass(frozen=True, slots=True)
class _Side:
    server: Server
    requests: Iterator[bytes]


def measure(server_url: str, rounds: int, seconds: float) -> list[Grown]:
    """Every operation on both databases in each round."""
    urls = [bench_database(server_url, entries) for entries in (SMALL, LARGE)]
    secret = new_secret()
    with ExitStack() as running:
        nexus, limit = (
            [running.enter_context(serving(contestant, url, secret)) for url in urls] for contestant in (NEXUS, LIMIT)
        )
        work = list(_work(urls, nexus, limit))
        for grown, *sides in work:
            for side in sides:
                _median(side, 0.2)
            print(grown.name, flush=True)
        for _ in range(rounds):
            for grown, small, large in work:
                grown.small.append(_median(small, seconds))
                grown.large.append(_median(large, seconds))
        return [grown for grown, *_ in work]


def table(found: list[Grown]) -> str:
    """As Markdown."""
    lines = [
        f"{SMALL:,} and {LARGE:,} entries; one request at a time, medians in milliseconds, the databases in turns.",
        "",
        f"| | {SMALL:,} | {LARGE:,} | median of the rounds' ratios (least–most) |",
        "| --- | --: | --: | --: |",
    ]
    lines += [
        f"| {each.name} | {median(each.small):.2f} | {median(each.large):.2f} | {spread(each.ratios)} |"
        for each in found
    ]
    return "\n".join(lines)


def _work(urls: list[str], nexus: list[Server], limit: list[Server]) -> Iterator[tuple[Grown, _Side, _Side]]:
    asked = [questions(url, server) for url, server in zip(urls, nexus, strict=True)]
    deep = questions(urls[1], nexus[1], DEEPEST)
    for name in READS:
        for signed_in in (False, True):
            label = f"{name.upper()}, signed in" if signed_in else name.upper()
            small, large = (_side(s, NEXUS, name, q, signed_in) for s, q in zip(nexus, asked, strict=True))
            yield Grown(label), small, large
            if name == "q4":
                small = _side(nexus[0], NEXUS, name, asked[0], signed_in)
                large = _side(nexus[1], NEXUS, name, deep, signed_in)
                yield Grown(f"{label}, behind 5,000 and behind {DEEPEST:,}"), small, large
        small, large = (_side(s, LIMIT, name, q, True) for s, q in zip(limit, asked, strict=True))  # noqa: FBT003
        yield Grown(f"{name.upper()}, the SQL by hand"), small, large
    for label, (query, words) in PAGES.items():
        sides = [_page(server, query, words) for server in nexus]
        yield Grown(label), sides[0], sides[1]


def _side(server: Server, contestant: Contestant, name: str, asked: Questions, signed_in: bool) -> _Side:  # noqa: FBT001
    requests = asked.requests(contestant, name, server.address)
    if signed_in and contestant == NEXUS:
        header = f"Authorization: JWT {asked.token}\r\nAccept:".encode()
        requests = (request.replace(b"Accept:", header, 1) for request in requests)
    return _Side(server, requests)


def _page(server: Server, query: str, words: str) -> _Side:
    body: dict[str, Any] = {"query": query, "variables": {"q": words}}
    return _Side(server, cycle([http(server.address, "/graphql", body)]))


def _median(side: _Side, seconds: float) -> float:
    return press(side.server.address, side.requests, connections=1, seconds=seconds).median
