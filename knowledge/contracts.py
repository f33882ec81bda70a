"""What each event tells: the contract with other systems, from which docs/events is written.

A payload holds keys, numbers and marks, never what people wrote or who somebody is: whoever hears of a change reads it
with the rights of their own. A field may be added under the same version; what goes, or means something else from then
on, needs a new one, and the old one beside it for as long as somebody listens to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from knowledge.events import EventType


class Kind(Enum):
    """What a field holds, as JSON Schema says it."""

    COUNT = "a whole number from 1 on"
    NUMBER = "a whole number"
    KEY = "a primary key"
    KEYS = "primary keys"
    MARK = "true or false"
    WORD = "a word of the API, or a slug"

    def holds(self, value: object) -> bool:
        """Whether the value is one of this kind."""
        match self:
            case Kind.MARK:
                return isinstance(value, bool)
            case Kind.WORD:
                return isinstance(value, str) and bool(value)
            case Kind.KEYS:
                return isinstance(value, list) and all(_is_whole(item, least=1) for item in value)
            case Kind.NUMBER:
                return _is_whole(value)
            case _:
                return _is_whole(value, least=1)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a payload. One that is not `always` there is left out where there is nothing to say."""

    kind: Kind
    tells: str
    always: bool = True


@dataclass(frozen=True, slots=True)
class Contract:
    """What an event of a type means, which models it may be about, and the fields of its payload by name."""

    tells: str
    subjects: tuple[str, ...]
    payload: Mapping[str, Field]
    version: int = 1

    def breaches(self, subject_type: str, payload: Mapping[str, Any]) -> list[str]:
        """In what such an event would not be what was promised; nothing when it keeps to it."""
        found = [] if subject_type in self.subjects else [f"it is about {subject_type}"]
        found += [f"{name} is not known" for name in payload.keys() - self.payload.keys()]
        for name, field in self.payload.items():
            if name not in payload:
                found += [f"{name} is missing"] if field.always else []
            elif not field.kind.holds(payload[name]):
                found.append(f"{name} is not {field.kind.value}")
        return sorted(found)


def _is_whole(value: object, least: int | None = None) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and (least is None or value >= least)


_SOURCE: Final = {"source": Field(Kind.KEY, "the source whose import did it", always=False)}
_REVISION: Final = {"revision": Field(Kind.COUNT, "the number of the revision")}
_SHOWN: Final = {"shown": Field(Kind.MARK, "whether readers see it: false for one that is still to be reviewed")}
_CHALLENGE: Final = {"challenge": Field(Kind.KEY, "the challenge that it answers")}
_SOLUTION: Final = {"solution": Field(Kind.KEY, "the solution that was accepted, or no longer is")}
_STATUS: Final = {"status": Field(Kind.WORD, "the challenge's status from now on")}
_MAYBE_REVISION: Final = {"revision": Field(Kind.COUNT, "the text's number, where the text changed", always=False)}
_MAYBE_SOLUTION: Final = {"solution": Field(Kind.KEY, "the solution concerned", always=False)}
_ENTRY: Final = ("Entry",)
_OF_CHALLENGE: Final = ("Challenge",)
_OF_SOLUTION: Final = ("Solution",)
_OF_TAG: Final = ("Tag",)
_OF_DIGEST: Final = ("Digest",)
_OF_DELIVERY: Final = ("DigestDelivery",)
_OF_USER: Final = ("User",)

CONTRACTS: Final[Mapping[EventType, Contract]] = MappingProxyType(
    {
        EventType.ENTRY_CREATED: Contract(
            "An entry was written; nobody else sees it yet.", _ENTRY, _REVISION | _SOURCE
        ),
        EventType.ENTRY_UPDATED: Contract(
            "An entry was edited: its text, or a proposal beside it.", _ENTRY, _REVISION | _SHOWN | _SOURCE
        ),
        EventType.ENTRY_SUBMITTED: Contract("A revision was handed in for review.", _ENTRY, _REVISION | _SOURCE),
        EventType.ENTRY_PUBLISHED: Contract(
            "An entry became visible to everyone.",
            _ENTRY,
            _REVISION | {"shown": Field(Kind.MARK, "true", always=False)} | _SOURCE,
        ),
        EventType.ENTRY_CHANGES_REQUESTED: Contract("A reviewer sent a revision back.", _ENTRY, _REVISION),
        EventType.ENTRY_WITHDRAWN: Contract("Its author took a revision back from review.", _ENTRY, _REVISION),
        EventType.ENTRY_ARCHIVED: Contract("An entry is no longer shown.", _ENTRY, {}),
        EventType.ENTRY_RESTORED: Contract("An archived entry is shown again as it was.", _ENTRY, {}),
        EventType.ENTRY_DELETED: Contract("A draft that was never published was deleted.", _ENTRY, {}),
        EventType.REVISION_DISCARDED: Contract("Its author gave a draft up.", _ENTRY, _REVISION),
        EventType.CHALLENGE_CREATED: Contract("A challenge was asked.", _OF_CHALLENGE, _SOURCE),
        EventType.CHALLENGE_UPDATED: Contract(
            "A challenge was edited, or another solution of it was accepted.",
            _OF_CHALLENGE,
            _MAYBE_REVISION | _MAYBE_SOLUTION | _SOURCE,
        ),
        EventType.CHALLENGE_SOLVED: Contract("A solution was accepted.", _OF_CHALLENGE, _SOLUTION | _SOURCE),
        EventType.CHALLENGE_CLOSED: Contract("A challenge was closed.", _OF_CHALLENGE, {}),
        EventType.CHALLENGE_REOPENED: Contract(
            "A challenge is open to answers again, or solved again.", _OF_CHALLENGE, _STATUS | _MAYBE_SOLUTION
        ),
        EventType.CHALLENGE_DELETED: Contract("A challenge was deleted with its solutions.", _OF_CHALLENGE, {}),
        EventType.SOLUTION_CREATED: Contract("A challenge was answered.", _OF_SOLUTION, _CHALLENGE | _SOURCE),
        EventType.SOLUTION_UPDATED: Contract(
            "An answer was edited.", _OF_SOLUTION, _CHALLENGE | _MAYBE_REVISION | _SOURCE
        ),
        EventType.SOLUTION_DELETED: Contract("An answer was deleted.", _OF_SOLUTION, _CHALLENGE),
        EventType.VOTE_CAST: Contract(
            "Somebody voted, changed their vote or took it back. It does not say who.",
            ("Entry", "Challenge", "Solution"),
            {"adds": Field(Kind.NUMBER, "what it adds to the score")},
        ),
        EventType.TAG_CREATED: Contract("A tag was made.", _OF_TAG, _SOURCE),
        EventType.TAG_UPDATED: Contract("A tag's name, description, category or aliases changed.", _OF_TAG, {}),
        EventType.TAG_MERGED: Contract(
            "Other tags were merged into this one, and are no more.",
            _OF_TAG,
            {"merged": Field(Kind.KEYS, "the tags that were merged into it")},
        ),
        EventType.TAG_DELETED: Contract(
            "A tag was deleted.", _OF_TAG, {"slug": Field(Kind.WORD, "the slug that it had")}
        ),
        EventType.DOCUMENT_IMPORTED: Contract("A document was read in.", ("Source",), _SOURCE),
        EventType.DIGEST_REQUESTED: Contract("A digest waits to be made.", _OF_DIGEST, {}),
        EventType.DIGEST_STALLED: Contract(
            "A digest waited too long, or lost its maker, and is made anew.", _OF_DIGEST, {}
        ),
        EventType.DIGEST_READY: Contract(
            "A digest was made.", _OF_DIGEST, {"item_count": Field(Kind.NUMBER, "how many items it lists")}
        ),
        EventType.DIGEST_FAILED: Contract("A digest could not be made.", _OF_DIGEST, {}),
        EventType.DELIVERY_SENT: Contract("A digest was mailed. It does not say to whom.", _OF_DELIVERY, {}),
        EventType.DELIVERY_SKIPPED: Contract("There was nothing to mail of a digest, or nobody.", _OF_DELIVERY, {}),
        EventType.DELIVERY_FAILED: Contract("A digest could not be mailed.", _OF_DELIVERY, {}),
        EventType.SUBSCRIPTION_PAUSED: Contract(
            "Mails were refused too often; no more are sent for now.", ("DigestSubscription",), {}
        ),
        EventType.USER_REGISTERED: Contract("Somebody made an account.", _OF_USER, {}),
        EventType.USER_UPDATED: Contract("Somebody changed their profile, or confirmed their address.", _OF_USER, {}),
        EventType.USER_ROLE_SET: Contract(
            "Staff gave somebody another role.", _OF_USER, {"role": Field(Kind.WORD, "the role from now on")}
        ),
        EventType.USER_DEACTIVATED: Contract("Somebody may not sign in any more.", _OF_USER, {}),
        EventType.USER_REACTIVATED: Contract("Somebody may sign in again.", _OF_USER, {}),
        EventType.LINK_ASKED: Contract(
            "Somebody asked for a link by mail. It does not say who, or whether it goes out.", ("MailedLink",), {}
        ),
    }
)


def json_schema(event_type: EventType) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a message of this type."""
    contract = CONTRACTS[event_type]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": event_type.value,
        "description": contract.tells,
        "type": "object",
        "required": ["id", "type", "version", "at", "subject", "payload"],
        "properties": {
            "id": {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "the same whenever it is sent again"},
            "type": {"const": event_type.value},
            "version": {"const": contract.version},
            "at": {"type": "string", "format": "date-time", "description": "when it happened"},
            "subject": {
                "type": "object",
                "description": "what it happened to",
                "required": ["type", "id"],
                "properties": {
                    "type": {"enum": list(contract.subjects)},
                    "id": {"type": "string", "pattern": "^[1-9][0-9]*$"},
                },
            },
            "payload": {
                "type": "object",
                "required": sorted(name for name, field in contract.payload.items() if field.always),
                "properties": {name: _schema_of(field) for name, field in sorted(contract.payload.items())},
            },
        },
    }


def _schema_of(field: Field) -> dict[str, Any]:
    return {**_SCHEMAS[field.kind], "description": field.tells}


_SCHEMAS: Final[Mapping[Kind, Mapping[str, Any]]] = MappingProxyType(
    {
        Kind.COUNT: {"type": "integer", "minimum": 1},
        Kind.NUMBER: {"type": "integer"},
        Kind.KEY: {"type": "integer", "minimum": 1},
        Kind.KEYS: {"type": "array", "items": {"type": "integer", "minimum": 1}},
        Kind.MARK: {"type": "boolean"},
        Kind.WORD: {"type": "string", "minLength": 1},
    }
)
