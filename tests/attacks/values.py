"""Values: ids, cursors, texts to search by, moments, fields that nobody may set, SQL in all of them."""

import base64
from typing import Any

from tests.attacks.attack import Attack, asking

SQL = "ASVS 5.0 V1.2.4"
REDOS = "CWE-1333"
MASS = "OWASP API3:2023"
BAD = "BAD_USER_INPUT"
NODE = "query($it: ID!) { node(id: $it) { id } }"
PAGE = "query($it: String) { entries(first: 1, after: $it) { nodes { title } } }"
FOUND = "query($it: String!) { search(query: $it) { totalCount } }"
TEXT = "query($it: String!) { entries(where: {text: $it}) { totalCount } }"
INJECTIONS = ("' OR '1'='1", "'; DROP TABLE knowledge_entry; --", '" UNION SELECT password FROM knowledge_user --',
              "\\'; SELECT pg_sleep(10); --", "$$; SELECT 1; $$", "%(viewer)s", "%s %d {0} {viewer}")  # fmt: skip


def said(text: str) -> str:
    """As ids and cursors are written."""
    return base64.b64encode(text.encode()).decode()


def refused(name: str, source: str, query: str, it: Any, code: str = BAD) -> Attack:
    """A value that is refused by code."""
    return asking(name, source, query, as_="mallory", status=400, code=code, it=it)


def harmless(name: str, source: str, query: str, it: Any, data: Any) -> Attack:
    """A value that is taken for what it is."""
    return asking(name, source, query, as_="mallory", data=data, it=it)


IDS = [
    *(
        refused(f"an id that is {name}", SQL, NODE, it)
        for name, it in {
            "SQL": "1 OR 1=1",
            "coded SQL": said("Entry:1 OR 1=1"),
            "negative": said("Entry:-1"),
            "beyond all numbers": said("Entry:99999999999999999999999"),
            "a fraction": said("Entry:1.0"),
            "a number of other digits": said("Entry:\u0661"),
            "with a zero before it": said("Entry:01"),
            "with a null": said("Entry:1\0"),
            "with a line break": said("Entry:1\n"),
            "of two": said("Entry:1:2"),
            "empty": "",
            "written in two ways": said("Entry:1").rstrip("="),
            "of 100 kB": "A" * 100_000,
        }.items()
    ),
    harmless("an id of no type", SQL, NODE, said("Password:1"), {"node": None}),
    refused("an id of another type", SQL, "query($it: ID!) { entry(id: $it) { id } }", "@tag"),
    refused("an id that is a list", SQL, NODE, ["@entry", "@draft"]),
    refused("an id that is an object", SQL, NODE, {"ne": None}),
    asking("an id of another type to a mutation", SQL, "mutation($it: ID!) { entryDelete(input: {id: $it}) { deletedId } }",
           it="@user_staff", status=400, code=BAD),
]  # fmt: skip
CURSORS = [
    *(
        refused(f"a cursor that is {name}", "CWE-20", PAGE, it)
        for name, it in {
            "nothing": "",
            "SQL": said("' OR 1=1 --"),
            "an offset": said("arrayconnection:10"),
            "a list of anything": said('["a", 1]'),
            "an object": said('{"$gt": ""}'),
            "nested": said("[" * 5_000),
            "of 100 kB": "A" * 100_000,
            "no UTF-8": base64.b64encode(b"\xff\xfe").decode(),
            "a pickle": base64.b64encode(b"cos\nsystem\n(S'true'\ntR.").decode(),
        }.items()
    )
]
TEXTS = [
    *(
        harmless(f"SQL to search by, {number}", SQL, FOUND, it, {"search": {"totalCount": 0}})
        for number, it in enumerate(INJECTIONS, 1)
    ),
    *(
        harmless(f"{name} to search by", REDOS, FOUND, it, {"search": {"totalCount": 0}})
        for name, it in {
            "operators that mean nothing": "& | ! <-> ( ) :* \\ '",
            "quotes that do not end": '"' * 199,
            "a line": "-" * 199,
            "comments that do not end": "<!--" * 49,
            "words that exclude themselves": "xyz -xyz or or -",
            "a text that regular expressions stumble over": "a" * 100 + "!",
            "one letter again and again": "x " * 100,
        }.items()
    ),
    refused("a text of 100,000 letters to search by", REDOS, FOUND, "a b " * 25_000),
    refused("a null to search by", SQL, FOUND, "a\0b"),
    refused("a null to filter by", SQL, TEXT, "a\0b"),
    refused("a text of 100,000 letters to filter by", REDOS, TEXT, "ab " * 33_000),
    harmless("every row by a wildcard", "CWE-155", "query($it: String!) { tags(where: {prefix: $it}) { totalCount } }", "%", {"tags": {"totalCount": 0}}),
    harmless("any letter by a wildcard", "CWE-155", "query($it: String!) { tags(where: {prefix: $it}) { totalCount } }", "_ommon", {"tags": {"totalCount": 0}}),
    harmless("a slug that is SQL", SQL, "query($it: String!) { tag(slug: $it) { id } }", INJECTIONS[0], {"tag": None}),
    harmless("a name that is SQL", SQL, "query($it: String!) { user(username: $it) { id } }", INJECTIONS[0], {"user": None}),
    harmless("a tag that is SQL", SQL, "query($it: [String!]) { entries(where: {tagsAny: $it}) { totalCount } }", [INJECTIONS[1]], {"entries": {"totalCount": 0}}),
    harmless("an author that is SQL", SQL, "query($it: String) { entries(where: {author: $it}) { totalCount } }", INJECTIONS[2], {"entries": {"totalCount": 0}}),
]  # fmt: skip
KINDS = [
    refused("an order that is SQL", SQL, "query($it: EntryOrderField!) { entries(orderBy: [{field: $it, direction: ASC}]) { totalCount } }", "title; DROP TABLE"),
    refused("an order by a column", MASS, "query($it: EntryOrderField!) { entries(orderBy: [{field: $it, direction: ASC}]) { totalCount } }", "author__password"),
    refused("a kind in small letters", "GraphQL §3.9", "query($it: [EntryKind!]) { entries(where: {kind: $it}) { totalCount } }", ["tool"]),
    refused("a kind by its number", "GraphQL §3.9", "query($it: [EntryKind!]) { entries(where: {kind: $it}) { totalCount } }", [0]),
    refused("a filter by a column", MASS, "query($it: UserWhere) { users(where: $it) { totalCount } }", {"password_startswith": "a"}),
    refused("a filter with operators", MASS, "query($it: EntryWhere) { entries(where: $it) { totalCount } }", {"status": {"$ne": "X"}}),
    refused("a moment before all time", "CWE-20", "query($it: DateTime) { entries(where: {createdAt: {from: $it}}) { totalCount } }", "-9999-01-01T00:00:00Z"),
    refused("a moment that is a number", "CWE-20", "query($it: DateTime) { entries(where: {createdAt: {from: $it}}) { totalCount } }", 1e300),
    refused("a number beyond all numbers", "CWE-190", "query($it: Int) { entries(where: {minScore: $it}) { totalCount } }", 2**63),
    refused("a number that is a fraction", "CWE-190", "query($it: Int) { entries(first: $it) { totalCount } }", 1.5),
    refused("a yes that is a text", "GraphQL §3.5", "query($it: Boolean!) { __typename @skip(if: $it) }", "true"),
    refused("a yes that is a number", "GraphQL §3.5", "query($it: Boolean!) { __typename @skip(if: $it) }", 1),
]  # fmt: skip
CREATE = "mutation($it: EntryCreateInput!) { entryCreate(input: $it) { entry { id } errors { code } } }"
DRAFT = {"kind": "TOOL", "title": "Mine", "body": "Mine"}
SETTING = [
    *(
        refused(f"setting {name} of a new entry", MASS, CREATE, {**DRAFT, name: it})
        for name, it in {"status": "PUBLISHED", "author": "@user_staff", "authorId": "@user_staff", "score": 99, "id": "@entry",
                         "slug": "admin", "bodyHtml": "<script>", "publishedAt": "2020-01-01T00:00:00Z", "__typename": "Entry"}.items()
    ),
    *(
        refused(f"setting {name} of one's account", MASS,
                "mutation($it: AccountUpdateInput!) { accountUpdate(input: $it) { viewer { id } errors { code } } }", {name: it})
        for name, it in {"role": "STAFF", "isActive": True, "username": "staff", "password": "x", "emailVerified": True, "tokenVersion": 0}.items()
    ),
    refused("a role of a new account", MASS, "mutation($it: AccountRegisterInput!) { accountRegister(input: $it) { user { id } } }",
            {"username": "climber", "email": "c@example.org", "password": "long enough 123", "role": "STAFF"}),
]  # fmt: skip
ATTACKS = [*IDS, *CURSORS, *TEXTS, *KINDS, *SETTING]
