"""Documents that were written to hurt: each with the codes that it may be refused with, or none where it is harmless.

Each is as large as the limits let it be, since that is where it would hurt most.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphql import get_introspection_query

COST = frozenset({"COST_EXCEEDED"})
SYNTAX = frozenset({"GRAPHQL_PARSE_FAILED"})
INVALID = frozenset({"GRAPHQL_VALIDATION_FAILED"})
INPUT = frozenset({"BAD_USER_INPUT"})
HARMLESS: frozenset[str] = frozenset()

COUNTED = "tags { totalCount }"


@dataclass(frozen=True)
class Hostile:
    """A document and the codes one of which it must be refused with; none: it is answered."""

    name: str
    text: str
    codes: frozenset[str]


def many(piece: str, number: int, between: str = " ") -> str:
    """The piece so many times, `{n}` in it numbered."""
    return between.join(piece.replace("{n}", str(place)) for place in range(number))


def nested(opening: str, number: int, inner: str, closing: str = " }") -> str:
    """`inner` within so many openings."""
    return opening * number + inner + closing * number


def doubling(root: str, end: str, number: int = 150) -> str:
    """A chain of fragments, each of which spreads the next one twice: 2 to the power of `number` spreads."""
    chain = many("fragment F{n} on ROOT { ...Gx{n} ...Gx{n} }", number).replace("ROOT", root)
    for place in range(number):
        chain = chain.replace(f"...Gx{place} ...Gx{place} ", f"...F{place + 1} ...F{place + 1} ")
    return f"{root.lower()} {{ ...F0 ...F0 }} {chain} fragment F{number} on {root} {{ {end} }}"


def chained(number: int, end: str) -> str:
    """Fragments, each of which spreads the next; the last spreads `end`."""
    chain = " ".join(f"fragment F{place} on Query {{ ...F{place + 1} }}" for place in range(number))
    return f"{{ ...F0 }} {chain} fragment F{number} on Query {{ {end} }}"


DEEP = "viewerDraft { entry { "
NESTING = (
    "fragment F{n} on Query { ...G{n} tags { nodes { id } } } fragment G{n} on Query { tags { nodes { id name } } }"
)

DOCUMENTS: tuple[Hostile, ...] = (
    # ── size ────────────────────────────────────────────────────────────────────────────────────────────────────────
    Hostile("a megabyte", "{" + COUNTED + " " * 1_000_000 + "}", COST),
    Hostile("spaces", "{" + " " * 98_000 + COUNTED + "}", HARMLESS),
    Hostile("a flood of commas", "{" + "," * 98_000 + COUNTED + "}", HARMLESS),
    Hostile("a flood of line breaks", "{" + "\n" * 98_000 + COUNTED + "}", HARMLESS),
    Hostile("a flood of carriage returns and an error", "{" + "\r\n" * 49_000 + "§", SYNTAX),
    Hostile("a flood of comments", "#\n" * 1_900 + "{" + COUNTED + "}", HARMLESS),
    Hostile("one long comment", "#" + "x" * 98_000 + "\n{" + COUNTED + "}", HARMLESS),
    Hostile("byte order marks", "\ufeff" * 95_000 + "{" + COUNTED + "}", HARMLESS),
    Hostile("a name of a megabyte", "{ " + "a" * 98_000 + " }", INVALID),
    Hostile("names of 2,000 letters", "{ " + many("a{n}" + "a" * 2_000, 45) + " }", INVALID),
    Hostile("a string of a megabyte", '{ tag(slug: "' + "a" * 98_000 + '") { id } }', HARMLESS),
    Hostile("a string of escapes", '{ tag(slug: "' + "\\u0061" * 16_000 + '") { id } }', HARMLESS),
    Hostile("a string of surrogates", '{ tag(slug: "' + "\\u{1F600}" * 10_900 + '") { id } }', HARMLESS),
    Hostile("half a surrogate pair", '{ tag(slug: "\\ud800") { id } }', SYNTAX),
    Hostile("a block string of indents", '{ tag(slug: """' + "\n " * 48_000 + '""") { id } }', HARMLESS),
    Hostile(
        "a staircase of indents",
        '{ tag(slug: """' + "".join("\n" + " " * n for n in range(430)) + '""") { id } }',
        HARMLESS,
    ),
    Hostile("escaped quotes", '{ tag(slug: """' + '\\"""' * 24_000 + '""") { id } }', HARMLESS),
    Hostile("a string that does not end", '{ tag(slug: "' + "a" * 98_000, SYNTAX),
    Hostile("a block string that does not end", '{ tag(slug: """' + "\n" * 98_000, SYNTAX),
    Hostile("a number of 100,000 digits", "{ tags(first: " + "9" * 99_000 + ") { totalCount } }", INVALID),
    Hostile("a fraction of 100,000 digits", "{ tags(first: 0." + "9" * 99_000 + ") { totalCount } }", INVALID),
    Hostile("letters of no alphabet", "{ " + "é" * 95_000 + " }", SYNTAX),
    Hostile("control characters", "{ " + "\x07" * 99_000 + " }", SYNTAX),
    # ── tokens, nesting ─────────────────────────────────────────────────────────────────────────────────────────────
    Hostile("100,000 tokens", "{ " + many("a", 49_000) + " }", COST),
    Hostile("500,000 brackets", "{ tags(first: " + "[" * 99_000, COST),
    Hostile("braces that only open", "{" * 100_000, COST | SYNTAX),
    Hostile("selections nested 600 deep", "{ " + nested("viewer { ", 600, "id") + " }", COST),
    Hostile("selections nested 150 deep", '{ entry(slug: "a") { ' + nested(DEEP, 75, "id", "}}") + " } }", COST),
    Hostile("inline fragments nested 600 deep", "{ " + nested("... { ", 600, COUNTED) + " }", COST),
    Hostile("inline fragments nested 150 deep", "{ " + nested("... { ", 150, COUNTED) + " }", COST),
    Hostile("lists nested 900 deep", "{ nodes(ids: " + nested("[", 900, '"a"', "]") + ") { id } }", COST),
    Hostile("lists nested 150 deep", "{ nodes(ids: " + nested("[", 150, '"a"', "]") + ") { id } }", COST | INVALID),
    Hostile(
        "objects nested 600 deep", "{ entries(where: " + nested("{NOT: ", 600, "{}", "}") + ") { totalCount } }", COST
    ),
    Hostile(
        "objects nested 150 deep",
        "{ entries(where: " + nested("{NOT: ", 150, "{}", "}") + ") { totalCount } }",
        COST | INPUT,
    ),
    Hostile("a type of 900 lists", "query($a: " + "[" * 900 + "ID" + "]" * 900 + ") { " + COUNTED + " }", COST),
    Hostile(
        "a type of 150 lists", "query($a: " + "[" * 150 + "ID" + "]" * 150 + ") { " + COUNTED + " }", COST | INVALID
    ),
    # ── aliases, directives, variables, operations ──────────────────────────────────────────────────────────────────
    Hostile("an alias bomb", "{ " + many("a{n}: tags { totalCount }", 280) + " }", COST),
    Hostile(
        "aliases in fragments",
        "{ ...F0 } " + many("fragment F{n} on Query { a{n}: " + COUNTED + " }", 140),
        COST | INVALID,
    ),
    Hostile("one field again and again", "{ " + many("__typename", 1_990) + " }", COST),
    Hostile("one object again and again", "{ " + many("viewer { id }", 480) + " }", COST),
    Hostile("directives on one field", "{ __typename " + many("@skip(if: false)", 320) + " }", COST),
    Hostile("directives that nobody knows", "{ __typename " + many("@a{n}", 900) + " }", COST),
    Hostile("directives everywhere", "{ " + many("... @include(if: true) { __typename }", 180) + " }", COST),
    Hostile("variables", "query(" + many("$a{n}: Int", 490) + ") { " + COUNTED + " }", INVALID | COST),
    Hostile("variables of one name", "query(" + many("$a: Int", 490) + ") { " + COUNTED + " }", INVALID | COST),
    Hostile("variables of no type", "query(" + many("$a{n}: Intt{n}", 490) + ") { " + COUNTED + " }", INVALID | COST),
    Hostile("operations", many("query Q{n} { " + COUNTED + " }", 240), INVALID | COST | frozenset({"BAD_REQUEST"})),
    Hostile("operations of one name", many("query Q { __typename }", 390), INVALID | COST),
    Hostile("operations without a name", many("{ __typename }", 490), INVALID | COST),
    Hostile(
        "operations over one fragment",
        many("query Q{n} { ...F }", 240) + " fragment F on Query { " + many("a{n}: __typename", 250) + " }",
        INVALID | COST,
    ),
    Hostile(
        "subscriptions",
        many("subscription S{n} { knowledgeChanged { kind } }", 180),
        INVALID | COST | frozenset({"BAD_REQUEST"}),
    ),
    Hostile("mutations", "mutation { " + many('a{n}: verifyToken(token: "a") { payload }', 150) + " }", COST),
    Hostile(
        "passwords", "mutation { " + many('a{n}: tokenAuth(username: "a", password: "b") { token }', 4) + " }", COST
    ),
    # ── fragments ───────────────────────────────────────────────────────────────────────────────────────────────────
    Hostile("fragments that double", doubling("Query", "nothing", 150), INVALID | COST),
    Hostile(
        "fragments that double mutations",
        doubling("Mutation", many('a{n}: verifyToken(token: "a") { payload }', 5), 130),
        COST,
    ),
    Hostile("fragments that double and lead nowhere", doubling("Query", "...Nowhere", 150), INVALID | COST),
    Hostile("fragments that double into themselves", doubling("Query", "...F0", 150), INVALID | COST),
    Hostile("a cycle of 180 fragments", chained(180, "...F0"), INVALID | COST),
    Hostile(
        "fragments, each in itself", "{ ...F0 } " + many("fragment F{n} on Query { ...F{n} }", 210), INVALID | COST
    ),
    Hostile(
        "fragments, each in each",
        "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ {many('...F{n}', 22)} }}" for n in range(22)),
        INVALID | COST,
    ),
    Hostile(
        "a fragment that spreads itself 600 times",
        "{ ...F } fragment F on Query { " + many("...F", 600) + " }",
        INVALID | COST,
    ),
    Hostile("a chain of 180 fragments", chained(180, COUNTED), COST),
    Hostile(
        "fragments that nobody uses",
        "{ __typename } " + many("fragment F{n} on Query { __typename }", 270),
        INVALID | COST,
    ),
    Hostile("fragments that are not there", "{ " + many("...F{n}", 950) + " }", INVALID | COST),
    Hostile("fragments of one name", "{ ...F } " + many("fragment F on Query { __typename }", 270), INVALID | COST),
    Hostile("fragments on types that are not there", "{ " + many("... on Tagg{n} { id }", 280) + " }", INVALID | COST),
    Hostile(
        "fragments on everything",
        '{ node(id: "a") { ' + many("... on Entry { id } ... on Tag { id }", 160) + " } }",
        COST | INVALID,
    ),
    # ── what must be compared ───────────────────────────────────────────────────────────────────────────────────────
    Hostile("fields to compare pair by pair", "{ " + many("viewer { " + "id " * 40 + "}", 45) + " }", COST),
    Hostile("fields with arguments to compare", "{ " + many('tag(slug: "a") { id }', 180) + " }", COST),
    Hostile(
        "fields that conflict",
        "{ " + many("a: tags { totalCount } a: entries { totalCount }", 15) + " }",
        INVALID | COST,
    ),
    Hostile(
        "fields that conflict deep down",
        "{ " + many("tags { nodes { entries { nodes { a: title a: slug } } } }", 15) + " }",
        INVALID | COST,
    ),
    Hostile(
        "fragments to compare pair by pair",
        "{ " + many("...F{n}", 60) + " } " + many("fragment F{n} on Query { tags { " + "totalCount " * 20 + "} }", 60),
        COST,
    ),
    Hostile(
        "fragments in fragments to compare",
        "{ " + many("...F{n}", 40) + " } " + many(NESTING, 40),
        COST,
    ),
    # ── what one could have meant ───────────────────────────────────────────────────────────────────────────────────
    Hostile("fields that are not there", "{ " + many("entriess{n}", 950) + " }", INVALID | COST),
    Hostile(
        "arguments that are not there", "{ tags(" + many("firstt{n}: 1", 480) + ") { totalCount } }", INVALID | COST
    ),
    Hostile("arguments of one name", "{ tags(" + many("first: 1", 480) + ") { totalCount } }", INVALID | COST),
    Hostile(
        "values that are not there",
        "{ entries(where: {kind: [" + many("TECHNOLOGYY{n}", 1_900) + "]}) { totalCount } }",
        INVALID | COST,
    ),
    Hostile(
        "keys that are not there",
        "{ entries(where: {" + many("kindd{n}: 1", 480) + "}) { totalCount } }",
        INVALID | COST,
    ),
    Hostile("keys of one name", "{ entries(where: {" + many("kind: 1", 480) + "}) { totalCount } }", INVALID | COST),
    Hostile(
        "types that are not there", "query(" + many("$a{n}: EntryWheree{n}", 480) + ") { __typename }", INVALID | COST
    ),
    Hostile(
        "names as long as ours",
        "{ " + many("challengeReviewRequest{n}xxxxxxxxxxxxxxxxxxxxxxxxxxxx", 950) + " }",
        INVALID | COST,
    ),
    # ── much to read ────────────────────────────────────────────────────────────────────────────────────────────────
    Hostile(
        "pages of pages", "{ entries(first: 100) { nodes { tags { entries(first: 100) { nodes { id } } } } } }", COST
    ),
    Hostile(
        "lists without pages", "{ entries(first: 100) { nodes { " + many("t{n}: tags { name }", 20) + " } } }", COST
    ),
    Hostile("searches", "{ " + many('s{n}: search(query: "a", first: 100) { nodes { __typename } }', 25) + " }", COST),
    Hostile("introspection twice", "{ a: __schema { types { name } } b: __schema { types { name } } }", COST),
    Hostile(
        "introspection in operations",
        many("query Q{n} { __schema { types { name fields { name } } } }", 100),
        COST | INVALID,
    ),
    Hostile(
        "introspection that nests",
        "{ __schema { types { " + nested("fields { type { ", 40, "name", "}}") + " } } }",
        INVALID | COST,
    ),
    Hostile(
        "introspection that doubles",
        "{ __schema { types { ...F0 } } } "
        + many(
            "fragment F{n} on __Type { a: ofType { ...G{n} } b: ofType { ...G{n} } } fragment G{n} on __Type { name }",
            14,
        ),
        INVALID | COST,
    ),
    Hostile(
        "introspection with interfaces of interfaces",
        "{ __schema { types { " + nested("interfaces { possibleTypes { ", 3, "name", "}}") + " } } }",
        INVALID | COST,
    ),
    Hostile(
        "introspection of types of fields of types",
        "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
        INVALID | COST,
    ),
    Hostile("a schema", many("type T{n} { id: ID }", 240), INVALID | COST),
    Hostile("what codegen asks", get_introspection_query(input_value_deprecation=True, descriptions=True), HARMLESS),
)
