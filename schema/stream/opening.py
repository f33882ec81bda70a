"""From a request to a feed: document, limits, the one root field. What is not in order is refused here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone
from graphql import FieldNode
from graphql.execution.values import get_argument_values

from knowledge.policy import Viewer
from schema.budget import caller_name, charge, planning_points
from schema.cost import points
from schema.errors import CodedError, ErrorCode
from schema.execution import Caller, Running, begin
from schema.http.asked import document_asked_for
from schema.http.media import GRAPHQL, JSON
from schema.http.parameters import Parameters, RequestError
from schema.identity.authentication import identified
from schema.schema import planner
from schema.stream.events import MEDIA_TYPE
from schema.stream.feeds import FEEDS, Feed, Root

# What opening a stream costs beside a look at what it tells: as much as a change.
STREAM_POINTS = 10
JSON_TYPES = {f"{name}; charset=utf-8": name for name in (JSON, GRAPHQL)}


@dataclass(frozen=True, slots=True)
class Opening:
    """A subscription that may begin: what it is fed by, and who is asking, each time as of now."""

    feed: Feed
    identify: Callable[[], Viewer]
    caller: str


def errors_media(request: HttpRequest) -> str:
    """The media type in which the request can be refused; raises RequestError where it does not take a stream.

    graphql-sse says that errors come as events too. Whoever also accepts JSON gets them with their HTTP status.
    """
    if not request.accepts(MEDIA_TYPE):
        raise RequestError(406, f"Accept {MEDIA_TYPE}.")
    preferred = request.get_preferred_type(list(JSON_TYPES))
    return JSON_TYPES[preferred] if preferred else MEDIA_TYPE


def opening(request: HttpRequest, parameters: Parameters, authorization: str | None) -> Opening:
    """What the request asks to watch. Reads the caller's token once; later only whether it still holds is asked.

    Charges who asks. Raises InvalidDocument, CodedError, and what a token is refused for.
    """
    identify = identified(authorization)
    caller = Caller(identify=identify, now=timezone.now(), address=request.META.get("REMOTE_ADDR") or None)
    document = document_asked_for(parameters, caller)
    running = begin(document, parameters.operation_name, parameters.variables, caller)
    if not running.operation.watches:
        raise CodedError(ErrorCode.BAD_REQUEST, "Only subscriptions are answered here; send the others to /graphql.")
    nodes = running.operation.price.checked(running.variables)
    selected = running.operation.selected(running.shape, running.variables)
    cost = points(nodes, 0) + selected.filtering

    def pay(watcher: Viewer) -> None:
        # What one point is worth is paid for by opening it, however often it is told.
        if cost > 1:
            charge(watcher, caller.address, cost - 1, now=timezone.now())

    root = _root(running, selected.groups, pay)
    feed = FEEDS[root.nodes[0].name.value](root)
    viewer = identify()
    kept = planner.keeps_watched(document.store, running.operation.name, running.variables, viewer)
    making = 0 if kept else planning_points(running.operation.price.relations, selected.conditions)
    charge(viewer, caller.address, STREAM_POINTS + cost + making, now=caller.now)
    return Opening(feed, identify, caller_name(viewer, caller.address))


def _root(running: Running, groups: Mapping[str, list[FieldNode]], pay: Callable[[Viewer], None]) -> Root:
    # Validation counts the fields too, but not those that a variable leaves out or brings in.
    if len(groups) != 1:
        raise CodedError(ErrorCode.GRAPHQL_VALIDATION_FAILED, "A subscription has exactly one field at its root.")
    ((key, nodes),) = groups.items()
    name = nodes[0].name.value
    if name not in FEEDS:
        raise CodedError(ErrorCode.GRAPHQL_VALIDATION_FAILED, f"{name} alone is nothing to watch.")
    return Root(
        document=running.document,
        operation_name=running.operation.name,
        response_key=key,
        nodes=nodes,
        variables=running.variables,
        arguments=get_argument_values(running.root.fields[name], nodes[0], running.variables),
        pay=pay,
    )
