"""What a digest speaks of is deleted while it is made: it becomes READY at the first attempt all the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread

import pytest
from django.db import connection, transaction

from knowledge.digests import make_digest
from knowledge.models import Challenge, Digest, DigestItem, Entry, EntryTag, Tag
from knowledge.services.tags import change_names
from tests.knowledge.digests.rows import END, challenge, day, digest, entry, tag
from tests.workers.programs import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def making(made: Digest) -> Iterator[None]:
    """The digest is made meanwhile."""

    def make() -> None:
        try:
            assert make_digest(made.pk, now=datetime.now(UTC))
        finally:
            connection.close()

    thread = Thread(target=make)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def gathered() -> bool:
    return Digest.objects.filter(progress=90).exists()


def items() -> set[tuple[str, int | None, int | None, int | None]]:
    return set(DigestItem.objects.values_list("headline", "entry_id", "challenge_id", "tag_id"))


def test_what_is_deleted_before_it_is_written_leads_nowhere_and_is_told_all_the_same() -> None:
    carried = tag("Python")
    kept, lost = entry("Generators", day(3), tags=(carried,)), entry("Images", day(4))
    asked, gone = challenge("Who knows?", day(6)), challenge("Nobody?", day(7))
    made = digest(at=END)

    with making(made), transaction.atomic():
        change_names()  # where the maker waits when it has gathered
        assert eventually(gathered, 20)
        EntryTag.objects.filter(tag=carried).delete()
        for model, pk in ((Entry, lost.pk), (Challenge, gone.pk), (Tag, carried.pk)):
            model.objects.filter(pk=pk).delete()

    made.refresh_from_db()
    assert (made.status, made.attempts) == ("READY", 1)
    assert items() == {
        ("Generators", kept.pk, None, None),
        ("Images", None, None, None),
        ("Who knows?", None, asked.pk, None),
        ("Nobody?", None, None, None),
        ("Python", None, None, None),
    }


def test_who_deletes_while_it_is_written_waits_and_then_deletes() -> None:
    gone = challenge("Nobody?", day(7))
    made = digest(at=END)

    def delete() -> None:
        try:
            with transaction.atomic():
                Challenge.objects.select_for_update().get(pk=gone.pk).delete()
        finally:
            connection.close()

    deleting = Thread(target=delete)
    with making(made):
        with transaction.atomic():
            with connection.cursor() as cursor:  # the maker comes as far as writing the sections, and waits
                cursor.execute("LOCK TABLE knowledge_digestsection IN ACCESS EXCLUSIVE MODE")
            assert eventually(waits_to_write, 20)
            deleting.start()
        deleting.join()

    made.refresh_from_db()
    assert (made.status, made.attempts) == ("READY", 1)
    assert items() == {("Nobody?", None, None, None)}
    assert not Challenge.objects.exists()


def waits_to_write() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE relation = 'knowledge_digestsection'::regclass AND NOT granted")
        return bool(cursor.rowcount)
