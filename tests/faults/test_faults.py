"""Everything is killed, paused and cut off while people ask for digests: nothing is lost, and nothing done twice.

The one exception is SMTP's: who is stopped once the mail server has a mail, and before it is written down as sent,
sends the same mail again, with the same Message-ID. Of each such mail it is shown that this is what happened.
"""

import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from knowledge.deliveries.planning import NOTHING_HAPPENED
from tests.faults.nexus import DAYS, SUBSCRIBERS, Nexus
from tests.faults.servers import Postgres, RabbitNode, rabbit_programs_folder
from tests.faults.witness import TOLD, attempts, group_of, unexplained
from tests.sink import Sink, mail_server
from tests.workers.programs import in_the_end

PROGRAMS = rabbit_programs_folder()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAMS is None, reason="no server programs of RabbitMQ here: install rabbitmq-server"),
]

DIGESTS = 300
# Longer than nothing at all may go on before all is done: leases of killed senders hold for two minutes, and what was
# put off waits for one.
PATIENCE_SECONDS = 300
PAUSE_SECONDS = 2.0
MAIL_SECONDS = 0.25


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server that takes its time, so that faults come in the middle of mails."""
    with mail_server() as server:
        server.seconds = MAIL_SECONDS
        server.who = group_of
        yield server


@pytest.fixture
def nexus(tmp_path: Path, sink: Sink) -> Iterator[Nexus]:
    assert PROGRAMS is not None
    postgres, broker = Postgres(tmp_path / "postgres"), RabbitNode(tmp_path / "rabbit", PROGRAMS)
    with Nexus(tmp_path, postgres, broker, sink) as running:
        yield running


def faults(nexus: Nexus) -> list[Callable[[], None]]:
    """What happens, one after the other."""
    return [
        nexus.kill_in_a_mail,
        lambda: nexus.kill_and_start("worker 1"),
        nexus.cut_off,
        lambda: nexus.kill_and_start("relay 1"),
        nexus.pause_the_broker,
        lambda: nexus.kill_and_start("worker 2", "beat 1"),
        nexus.kill_the_database,
        lambda: nexus.kill_and_start("relay 1", "relay 2"),
        nexus.kill_the_broker,
        lambda: nexus.kill_and_start("web"),
        lambda: nexus.kill_and_start("worker 1", "worker 2"),
        nexus.cut_off,
        lambda: nexus.kill_and_start("listener"),
    ]


def test_three_hundred_digests_and_their_mails(nexus: Nexus, sink: Sink) -> None:
    faults_while_people_ask(nexus)

    asked = "SELECT status, count(*) FROM knowledge_digest WHERE cadence = 'ON_DEMAND' GROUP BY status"
    assert in_the_end(lambda: nexus.rows(asked) == [("READY", DIGESTS)], nexus.state, PATIENCE_SECONDS), nexus.rows(
        asked
    )
    # Also those that a fault had put off.
    due = """SELECT count(*) FROM knowledge_digestdelivery
        WHERE status = 'PENDING' AND (next_attempt_at <= now() OR attempts > 0)"""
    assert in_the_end(lambda: nexus.rows(due) == [(0,)], nexus.state, PATIENCE_SECONDS), nexus.rows(due)

    each_once(nexus)
    each_event_heard_in_order(nexus)
    each_mail_once_but_for_the_moments_of_faults(nexus, sink)


def faults_while_people_ask(nexus: Nexus) -> None:
    token = nexus.token()
    going_on = True

    def ask() -> None:
        for number in range(DIGESTS):
            nexus.request_digest(number, token)
            if going_on:
                time.sleep(0.15)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        for fault in faults(nexus):
            time.sleep(PAUSE_SECONDS)
            fault()
        going_on = False
        asking.result()


def each_once(nexus: Nexus) -> None:
    """Each digest became READY once, and each mail was SENT once in the ledger."""
    ready = "SELECT count(*), count(DISTINCT subject_id) FROM knowledge_outboxevent WHERE type = 'digest.ready'"
    digests = "SELECT count(*), count(*) FROM knowledge_digest WHERE status = 'READY'"
    assert nexus.rows(ready) == nexus.rows(digests)
    sent = "SELECT count(*), count(DISTINCT subject_id) FROM knowledge_outboxevent WHERE type = 'delivery.sent'"
    due = (
        "SELECT count(*), count(DISTINCT (subscription_id, window_start)) FROM knowledge_digestdelivery"
        " WHERE next_attempt_at <= now() AND status = 'SENT'"
    )
    assert nexus.rows(sent) == nexus.rows(due)
    others = f"""SELECT status, reason FROM knowledge_digestdelivery
        WHERE status IN ('SKIPPED', 'FAILED') AND reason <> '{NOTHING_HAPPENED}'"""  # noqa: S608 - our own words
    assert nexus.rows(others) == []


def each_event_heard_in_order(nexus: Nexus) -> None:
    """The listener heard each event, and of each subject in the order in which it happened."""
    events = "SELECT id::text FROM knowledge_outboxevent"

    def all_are_heard() -> bool:
        return heard(nexus) >= {row[0] for row in nexus.rows(events)}

    assert in_the_end(all_are_heard, lambda: (nexus.state(), len(heard(nexus))), PATIENCE_SECONDS)
    assert nexus.rows("SELECT count(*) FROM knowledge_outboxevent WHERE published_at IS NULL") == [(0,)]
    for of_subject in heard_by_subject(nexus).values():
        assert of_subject == sorted(of_subject)


def each_mail_once_but_for_the_moments_of_faults(nexus: Nexus, sink: Sink) -> None:
    """Each SENT delivery came, and again only where its sender was stopped before it could write down that it had."""
    came = Counter(arrival.message_id for arrival in sink.arrivals)
    promised = {row[0] for row in nexus.rows("SELECT message_id FROM knowledge_digestdelivery WHERE status = 'SENT'")}
    assert len(promised) >= SUBSCRIBERS * DAYS // 2
    assert set(came) == promised
    # Or it would prove nothing of who sent what.
    assert all(arrival.group is not None for arrival in sink.arrivals)
    assert len(sink.arrivals) > len(came), "no sender was stopped in the one moment in which a mail comes again"
    assert unexplained(sink.arrivals, attempts(nexus.rows(TOLD)), nexus.stops) == []
    print(f"{len(sink.arrivals)} mails, {len(sink.arrivals) - len(came)} of them again")  # noqa: T201 - for who reads along


def heard(nexus: Nexus) -> set[str]:
    """The ids of the events that the listener took."""
    with closing(sqlite3.connect(nexus.inbox)) as inbox:
        return {id for (id,) in inbox.execute("SELECT id FROM inbox")}  # noqa: A001 - the column's name


def heard_by_subject(nexus: Nexus) -> dict[str, list[int]]:
    """The ids of each subject's events, in the order in which the listener first heard of them."""
    subjects = defaultdict(list)
    with closing(sqlite3.connect(nexus.inbox)) as inbox:
        for subject, number in inbox.execute("SELECT subject, id FROM inbox ORDER BY place"):
            subjects[subject].append(int(number))
    return subjects
