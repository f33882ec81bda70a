"""What the attacked server holds: people, and rows that not everybody may see, each with a word that nobody else has.

Run as a program on an empty, migrated database; tells what it made as JSON.
"""

import json
import secrets
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django is set up first
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from knowledge.deliveries import leaving  # noqa: E402
from knowledge.models import (  # noqa: E402
    DigestAudience,
    DigestCadence,
    DigestStatus,
    EntryStatus,
    RevisionState,
    Role,
    TokenScope,
    User,
)
from knowledge.services import script_tokens, sessions  # noqa: E402
from schema.identity import tokens  # noqa: E402
from tests.cast import PASSWORD, make_cast, viewer_of  # noqa: E402
from tests.schema.identity.forge import Moment  # noqa: E402
from tests.schema.rows import (  # noqa: E402
    challenge,
    delivery,
    digest,
    entry,
    id_of,
    revision,
    section,
    solution,
    source,
    subscription,
    tag,
)

NOW = datetime.now(UTC)
# Mails are counted by mailbox, in a cache that other runs may share.
DOMAIN = f"{secrets.token_hex(6)}.example"
REVIEWING = ["reviewer", "staff"]


@transaction.atomic  # an entry and what it shows name each other
def made() -> dict[str, Any]:
    """Makes everything; tells ids by name, secrets with who may see them, tokens by person."""
    begin_anywhere()
    cast = make_cast(PASSWORD)
    people = {name: getattr(cast, name) for name in ("author", "peer", "reviewer", "staff")}
    people["mallory"] = User.objects.create(
        username="mallory", display_name="Mallory", role=Role.CONTRIBUTOR, password=make_password(PASSWORD)
    )
    people["gone"] = User.objects.create(
        username="gone", display_name="Gone", is_active=False, password=make_password(PASSWORD)
    )
    for name, user in people.items():
        user.email, user.email_confirmed_at = f"xq-{name}@{DOMAIN}", NOW
        user.save()
    found, words = rows(people)
    words |= {f"xq-{name}@{DOMAIN}": [name] for name in people}
    words |= {word: [] for word in ("argon2$", "$argon2")}
    told = signed_in({name: user for name, user in people.items() if user.is_active})
    words |= {each["session_word"]: [name] for name, each in told.items()}
    found |= {f"session_{name}": each["session"] for name, each in told.items()}
    found |= {f"script_{name}": each["script_id"] for name, each in told.items()}
    return {"ids": found, "secrets": words, "people": told, "users": {n: str(u.pk) for n, u in people.items()}}


def begin_anywhere() -> None:
    """People's ids begin at random: points are counted by them, in a cache that other runs may share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('knowledge_user', 'id'), %s)", [secrets.randbelow(10**12)])


def rows(people: dict[str, User]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The knowledge. Everybody's is called so, the rest has its secret in every text of it."""
    author, mallory = people["author"], people["mallory"]
    common = tag("Common")
    other = tag("Other")
    asked = challenge("Everybody's question", common, author=author)
    answered = solution(asked, "Everybody's answer", author=author)
    shown = entry("Everybody's entry", common, author=author, challenges=(asked,), body="Everybody's words.")
    own = entry("Mallory's draft", common, author=mallory, status=EntryStatus.DRAFT)
    waiting = entry("Mallory's proposal", common, author=mallory, status=EntryStatus.IN_REVIEW)
    words: dict[str, list[str]] = {}
    found: dict[str, Any] = {
        "tag": common,
        "other": other,
        "challenge": asked,
        "solution": answered,
        "entry": shown,
        "own": own,
        "own_revision": own.revisions.get(),
        "waiting": waiting,
        **{f"user_{name}": user for name, user in people.items()},
    }
    for status, others in (
        (EntryStatus.DRAFT, []),
        (EntryStatus.IN_REVIEW, REVIEWING),
        (EntryStatus.ARCHIVED, REVIEWING),
    ):
        word = f"xq{status.lower().replace('_', '')}"
        texts = {"title": f"{word} title", "slug": f"{word}-slug", "summary": f"{word} summary", "body": f"{word} body"}
        private = entry(**texts, author=author, status=status, challenges=(asked,))
        words[word] = ["author", *others]
        found[status.lower()] = private
        found[f"{status.lower()}_revision"] = private.revisions.get()
    proposed = revision(shown, 2, RevisionState.PENDING, author=people["peer"], title="xqproposed", note="xqproposed")
    words["xqproposed"] = ["peer", *REVIEWING]
    found["proposed"] = proposed
    document = source("xqsource", found["draft"], imported_by=people["reviewer"], url="https://example.org/xqsource")
    words["xqsource"] = ["author", *REVIEWING]
    found |= {"source": document, "public_source": source("Everybody's source", shown, imported_by=author)}
    found |= digests(people, words)
    return {name: id_of(row) for name, row in found.items()} | {
        "draft_slug": "xqdraft-slug",
        "unsubscribe": leaving.address_to_leave(found["subscription"]).removeprefix(settings.PUBLIC_URL or ""),
        "digest_number": str(found["digest"].pk),
        "author_mail": f"xq-author@{DOMAIN}",
        "nobody_mail": f"xq-nobody@{DOMAIN}",
        "racer_mail": f"racer@{DOMAIN}",
        "domain": DOMAIN,
        "private_number": str(found["private_digest"].pk),
    }, words


def digests(people: dict[str, User], words: dict[str, list[str]]) -> dict[str, Any]:
    """Digests of every sort, and whom they were mailed to."""
    author = people["author"]
    ready = {"status": DigestStatus.READY}
    public = digest("Everybody's digest", **ready)
    asked = digest("xqdigest", cadence=DigestCadence.ON_DEMAND, requested_by=author, **ready)
    section(asked, "NEW_ENTRIES", {"headline": "xqdigest"})
    reviewers = digest("xqreviewers", audience=DigestAudience.REVIEWERS, **ready)
    wanted = subscription(author, active=False, paused_reason="xqpaused")
    mailed = delivery(public, author, status="SKIPPED", reason="xqmailed")
    failed = digest("xqfailed", cadence=DigestCadence.DAILY, status=DigestStatus.FAILED, failure="xqfailed")
    words |= {
        "xqdigest": ["author", "staff"],
        "xqreviewers": REVIEWING,
        "xqpaused": ["author"],
        "xqmailed": ["author", "staff"],
        "xqfailed": ["staff"],
    }
    return {
        "digest": public,
        "private_digest": asked,
        "reviewers_digest": reviewers,
        "failed_digest": failed,
        "subscription": wanted,
        "delivery": mailed,
    }


def signed_in(people: dict[str, User]) -> dict[str, dict[str, str]]:
    """A session and a script's token for each."""
    told = {}
    for name, user in people.items():
        word = f"xqagent-{name}"
        session, refresh = sessions.open_session(user, user_agent=word, address=None, now=NOW)
        viewer = replace(viewer_of(user), session_id=session.pk)
        script, text = script_tokens.create_token(
            viewer, name=f"xqscript-{name}", scope=TokenScope.READ, expires_at=NOW + timedelta(days=1), now=NOW
        )
        told[name] = {
            "token": tokens.issue(session, Moment(NOW)).text,
            "refresh": refresh,
            "script": text,
            "session": id_of(session),
            "script_id": id_of(script),
            "session_word": word,
        }
    return told


if __name__ == "__main__":
    json.dump(made(), sys.stdout)
