"""How the tests ask for a search."""

from typing import Any

from tests.client import Client

SEARCH = """query($query: String!, $first: Int, $after: String, $last: Int, $before: String, $types: [SearchType!],
    $where: SearchWhere) {
  search(query: $query, first: $first, after: $after, last: $last, before: $before, types: $types, where: $where) {
    totalCount suggestion
    edges { cursor rank highlights node { ...hit } }
    nodes { ...hit }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
fragment hit on SearchHit {
  __typename ... on Entry { title } ... on Challenge { title } ... on Solution { title: body }
}"""
TEXT = "query($text: String!) { entries(where: {text: $text}, orderBy: [{field: RELEVANCE, direction: DESC}]) \
{ totalCount nodes { title } } }"


def search(api: Client, query: str, as_: Any = None, **arguments: Any) -> dict[str, Any]:
    """What a search answers with; nodes and edges say the same, by one statement beside the caller's."""
    result = api.run(SEARCH, {"query": query, **arguments}, as_=as_)
    assert result.statements == (1 if as_ is None else 2)
    answer: dict[str, Any] = result.data["search"]
    assert answer["nodes"] == [edge["node"] for edge in answer["edges"]]
    return answer


def titles(answer: dict[str, Any]) -> list[str]:
    return [node["title"] for node in answer["nodes"]]


def found(api: Client, query: str, as_: Any = None, **arguments: Any) -> list[str]:
    """The titles that are found; the count says the same."""
    answer = search(api, query, as_, **arguments)
    assert answer["totalCount"] == len(answer["nodes"])
    return titles(answer)
