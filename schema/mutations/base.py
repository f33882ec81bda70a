"""What every mutation has: one `input`, one payload, a rule who may, one call of the domain.

    class EntrySubmit(Mutation):
        '''Hands the viewer's draft in for review.'''

        class Input:
            id = IdOf("Entry", description="The entry.")
            note = graphene.String(description="What the reviewer should know.")

        may = policy.require_signed_in
        entry = subject(Entry, "The entry.")

        @classmethod
        def perform(cls, context, given):
            entry, _ = entries.submit_entry(
                context.viewer, entry_id=given["id"], note=given.get("note"), now=context.now
            )
            return {"entry": entry}

The types EntrySubmitInput and EntrySubmitPayload come from that; `errors` and `clientMutationId` are added.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import graphene
from graphene.utils.str_converters import to_camel_case, to_snake_case
from graphql import GraphQLResolveInfo

from knowledge import policy
from knowledge.errors import Mistake, MistakeCode, Rejected
from knowledge.policy import Viewer
from schema.context import RequestContext
from schema.planner.answers import Fetched
from schema.planner.ids import decode_id, encode_id, key_of
from schema.types.enums import ErrorCode
from schema.types.inputs import Input


class UserError(graphene.ObjectType):
    """Something that the person can mend. Nothing was changed."""

    path = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description='From the mutation\'s input down: ["input", "tags", "3"].',
    )
    code = graphene.Field(ErrorCode, required=True, description="What is wrong, for programs.")
    message = graphene.String(required=True, description="What is wrong, for people.")


class IdOf(graphene.InputField):
    """An input field that takes an id, or a list of ids, of the types named; `perform` gets primary keys."""

    def __init__(self, *type_names: str, many: bool = False, required: bool = True, description: str) -> None:
        type_: Any = graphene.List(graphene.NonNull(graphene.ID)) if many else graphene.ID
        super().__init__(type_, required=required, description=description)
        self.type_names = type_names

    def read(self, value: Any) -> Any:
        """The primary key, or a list of them. Raises BAD_USER_INPUT where an id is none, or of another type."""
        if isinstance(value, list):
            return [key_of(text, *self.type_names) for text in value]
        return None if value is None else key_of(value, *self.type_names)


class IdOfAny(IdOf):
    """The same for ids whose type matters: `perform` gets the type's name and the primary key."""

    def read(self, value: Any) -> Any:
        """A pair, or a list of pairs. Raises as IdOf."""
        keys = super().read(value)
        if isinstance(value, list):
            return [(decode_id(text)[0], key) for text, key in zip(value, keys, strict=True)]
        return None if value is None else (decode_id(value)[0], keys)


def subject(type_: Any, description: str) -> graphene.Field:
    """A field of a payload that holds a row of a planned type, read after the change as its selection asks."""
    return graphene.Field(type_, description=description, resolver=_resolve_subject)


def value(type_: Any, description: str) -> graphene.Field:
    """A field of a payload that holds a plain value."""
    return graphene.Field(type_, description=description, resolver=_resolve_value)


def deleted_id(type_name: str, description: str) -> graphene.Field:
    """A field of a payload that holds the id of what was deleted; `perform` answers with its primary key."""

    def resolve(payload: Payload, info: GraphQLResolveInfo) -> str | None:
        key = _resolve_value(payload, info)
        return None if key is None else encode_id(type_name, key)

    return graphene.Field(graphene.ID, description=description, resolver=resolve)


@dataclass(frozen=True, slots=True)
class Payload:
    """What a mutation answers with: rows and values by attribute, what is to be mended, and the client's own mark."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[Mistake, ...] = ()
    client_mutation_id: str | None = None


def _resolve_value(payload: Payload, info: GraphQLResolveInfo) -> Any:
    return payload.values.get(to_snake_case(info.field_name))


def _resolve_subject(payload: Payload, info: GraphQLResolveInfo) -> Fetched | None:
    row = _resolve_value(payload, info)
    if row is None:
        return None
    context: RequestContext = info.context
    (fetched,) = context.read_rows(info, [row], payload.values.get(AS_VIEWER, context.viewer))
    return fetched


LONGEST_MARK: Final = 200
TOO_LONG_A_MARK: Final = Mistake(MistakeCode.TOO_LONG, f"At most {LONGEST_MARK} characters.", ("client_mutation_id",))
# Under this key, `perform` may say with whose eyes the payload is read: of a person who just signed in, say.
AS_VIEWER: Final = "as_viewer"


def _resolve_errors(payload: Payload, _info: GraphQLResolveInfo) -> list[dict[str, Any]]:
    return [
        {
            "path": ["input", *(to_camel_case(step) for step in mistake.path)],
            "code": mistake.code.value,
            "message": mistake.message,
        }
        for mistake in payload.errors
    ]


class Mutation(graphene.ObjectType):
    """The base of all mutations: see the module."""

    class Meta:
        abstract = True

    may: ClassVar[Callable[[Viewer], Any]]
    arguments: ClassVar[Mapping[str, graphene.InputField | Any]]
    input_type: ClassVar[Any]

    @classmethod
    def __init_subclass_with_meta__(cls, **options: Any) -> None:
        """Makes the input and the payload; a mutation that does not say who may is an error."""
        if not callable(getattr(cls, "may", None)):
            raise TypeError(f"{cls.__name__} does not say who may: set `may`, to policy.public for everyone")
        name = cls.__name__
        given = cls.__dict__.get("Input")
        cls.arguments = {k: v for k, v in vars(given).items() if not k.startswith("_")} if given else {}
        mark = graphene.String(description=f"Comes back in the payload as it is; {LONGEST_MARK} characters at most.")
        cls.input_type = type(
            f"{name}Input",
            (Input,),
            {
                **cls.arguments,
                "client_mutation_id": mark,
                "Meta": type("Meta", (), {"description": inspect.getdoc(given) or f"What {_verb(name)} needs."}),
            },
        )
        cls.errors = graphene.List(
            graphene.NonNull(UserError),
            required=True,
            description="What is to be mended; empty when it was done.",
            resolver=_resolve_errors,
        )
        cls.client_mutation_id = graphene.String(description="The mark that the input carried.")
        super().__init_subclass_with_meta__(
            name=f"{name}Payload", description=f"What {_verb(name)} answers with.", **options
        )
        cls.verb_description = inspect.getdoc(cls)

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Calls the domain once, and answers with the payload's values by attribute."""
        raise TypeError(f"{cls.__name__} performs nothing")

    @classmethod
    def field(cls) -> graphene.Field:
        """The mutation as a field of the root."""
        return graphene.Field(
            cls,
            required=True,
            description=cls.verb_description,
            resolver=cls.resolve,
            args={"input": graphene.Argument(cls.input_type, required=True, description="What to do it with.")},
        )

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """The input with ids turned into primary keys. Raises BAD_USER_INPUT where an id cannot be one."""
        return {
            name: declared.read(item) if isinstance(declared := cls.arguments.get(name), IdOf) else item
            for name, item in given.items()
        }

    @classmethod
    def resolve(cls, _root: Any, info: GraphQLResolveInfo, input: dict[str, Any]) -> Payload:  # noqa: A002 - the contract's name
        """Runs the mutation: what the domain rejects becomes the payload's errors."""
        context: RequestContext = info.context
        policy.require_writing(context.viewer)
        cls.may(context.viewer)
        given = cls.read(input)
        mark = given.pop("client_mutation_id", None)
        if mark is not None and len(mark) > LONGEST_MARK:
            return Payload(errors=(TOO_LONG_A_MARK,))
        try:
            return Payload(cls.perform(context, given), client_mutation_id=mark)
        except Rejected as rejected:
            return Payload(errors=rejected.mistakes, client_mutation_id=mark)


def _verb(name: str) -> str:
    return name[0].lower() + name[1:]


def given_only(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given of a creation's input: null counts as left out."""
    return {name: item for name, item in given.items() if item is not None}


def changes_only(given: Mapping[str, Any], *, needed: Collection[str], empty: Mapping[str, Any]) -> dict[str, Any]:
    """What was given of an update's input: what was left out stays, and null empties.

    Raises Rejected with REQUIRED for null in one of the `needed`, which cannot be empty; `empty` has the empty values
    of the others.
    """
    missing = [name for name in needed if name in given and given[name] is None]
    if missing:
        raise Rejected(Mistake(MistakeCode.REQUIRED, "This cannot be empty.", (name,)) for name in missing)
    return {name: empty.get(name) if item is None else item for name, item in given.items()}
