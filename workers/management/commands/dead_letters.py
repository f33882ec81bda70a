"""`manage.py dead_letters`: what no worker could do, listed, or sent to the workers again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from workers.broker import BrokerAway
from workers.letters import Letter, Letters, dead_letters


class Command(BaseCommand):
    """Lists the dead letters; with --replay sends some of them, or all, to their queues again."""

    help = "Lists tasks that were delivered too often, each time to a worker that was lost; --replay sends them again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which letters, and what to do with them."""
        parser.add_argument("--task", help="only letters of this task, as in workers.make_digest")
        parser.add_argument(
            "--replay", nargs="*", metavar="ID", help="send these again; all that are listed without one"
        )

    def handle(self, *args: Any, task: str | None, replay: list[str] | None, **options: Any) -> None:
        """Lists or replays."""
        if not settings.RABBITMQ_URL:
            raise CommandError("There are dead letters only on RabbitMQ, and RABBITMQ_URL is not set.")
        try:
            with dead_letters(settings.RABBITMQ_URL, settings.QUEUE_PREFIX) as letters:
                chosen = [letter for letter in letters.found if task in {None, letter.task}]
                if replay is None:
                    self._list(chosen)
                else:
                    self._replay(letters, chosen, replay)
        except BrokerAway as error:
            raise CommandError(f"RabbitMQ did not answer, or no worker has declared its queues yet: {error}") from None

    def _list(self, letters: list[Letter]) -> None:
        for letter in letters:
            moment = f"{letter.died_at:%Y-%m-%d %H:%M:%S}" if letter.died_at else "?"
            self.stdout.write(
                f"{letter.id}  {letter.task}{letter.arguments}  {letter.queue}  {letter.reason}  {moment}"
            )
        self.stdout.write("1 dead letter." if len(letters) == 1 else f"{len(letters)} dead letters.")

    def _replay(self, letters: Letters, chosen: list[Letter], ids: list[str]) -> None:
        if unknown := set(ids) - {letter.id for letter in chosen}:
            raise CommandError(f"There is no dead letter {', '.join(sorted(unknown))}; nothing was sent.")
        sent = [letter for letter in chosen if not ids or letter.id in ids]
        for letter in sent:
            letters.replay(letter)
        self.stdout.write("1 task was sent again." if len(sent) == 1 else f"{len(sent)} tasks were sent again.")
