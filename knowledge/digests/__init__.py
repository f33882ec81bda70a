"""Digests: what happened in a window of time, made in the background and kept.

    requests.py       asking for one, and again for one that failed
    subscriptions.py  who wants them by mail, and no longer
    calendar.py       opening the windows that are due by the calendar
    making.py         making one: claim, gather, compose, finish
    lifecycle.py      the states of a digest, each change of state settled by the database
    progress.py       how far one is, for whoever watches it
    subjects.py       the tags that a digest or a subscription is about
    gather.py         what a window and its tags hold, section by section, with the eyes of an audience
    trends.py         which tags gained the most
    holding.py        keeping what a digest speaks of from being deleted while it is written
    compose.py        the same in words: Markdown, HTML and plain text
    phrases.py        numbers, spans of time and windows in words

From requests to lifecycle they change rows; the others only read and tell.
"""

from knowledge.digests.calendar import open_due_windows
from knowledge.digests.lifecycle import heal_stale
from knowledge.digests.making import make_digest
from knowledge.digests.progress import Stage, stage_of
from knowledge.digests.requests import request_digest, retry_digest
from knowledge.digests.subscriptions import subscribe, unsubscribe

__all__ = [
    "Stage",
    "heal_stale",
    "make_digest",
    "open_due_windows",
    "request_digest",
    "retry_digest",
    "stage_of",
    "subscribe",
    "unsubscribe",
]
