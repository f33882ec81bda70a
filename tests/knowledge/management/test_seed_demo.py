import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from knowledge.models import Challenge, ChallengeStatus, Entry, EntryKind, Solution, Source, Tag, TagCategory, User
from tests.snapshot import every_row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path / "data"


def seeded(**options: object) -> list[str]:
    out = io.StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue().splitlines()


def test_accounts_of_the_three_roles_with_passwords_that_work(data: Path) -> None:
    lines = seeded()
    for line, (name, role) in zip(
        lines, (("ada", "CONTRIBUTOR"), ("grace", "REVIEWER"), ("linus", "STAFF")), strict=False
    ):
        words = line.split()
        assert words[:4] == [role, "username", name, "password"]
        user = User.objects.get(username=name)
        assert user.role == role
        assert user.check_password(words[4])
    kept = data / "demo-accounts.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_text()) == {line.split()[2]: line.split()[4] for line in lines[:3]}


def test_a_second_run_prints_the_same_and_changes_nothing() -> None:
    first = seeded()
    before = every_row()
    second = seeded()
    assert second[:3] == first[:3]
    assert second[-1].endswith("0 refused: nothing new.")
    assert every_row() == before


def test_a_new_database_gets_the_same_passwords_again() -> None:
    first = seeded()
    User.objects.filter(username="ada").delete()
    grace = User.objects.get(username="grace")
    grace.set_password("something else")
    grace.save()
    assert seeded()[:3] == first[:3]
    for line in first[:3]:
        assert User.objects.get(username=line.split()[2]).check_password(line.split()[4])


def test_the_samples_are_worth_exploring() -> None:
    seeded()
    assert Source.objects.count() >= 6
    assert set(Entry.objects.values_list("status", flat=True)) == {"PUBLISHED"}
    assert set(Entry.objects.values_list("kind", flat=True)) == set(EntryKind.values) - {EntryKind.GUIDE}
    assert set(Tag.objects.values_list("category", flat=True)) >= set(TagCategory.values) - {TagCategory.OTHER}
    assert set(Challenge.objects.values_list("status", flat=True)) == {ChallengeStatus.OPEN, ChallengeStatus.SOLVED}
    assert set(Solution.objects.values_list("is_accepted", flat=True)) == {True}
    assert set(User.objects.filter(entries__isnull=False).values_list("username", flat=True)) == {
        "ada",
        "grace",
        "linus",
    }
    assert Entry.objects.get(slug="django").source_count >= 4


def test_other_documents_instead(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("## Technologies\n- Zig\n")
    (tmp_path / "two.md").write_bytes(b"\0")
    lines = seeded(documents=tmp_path)
    assert lines[-1] == "1 document imported, 1 refused: entries 1 new; tags 1 new."
    assert [entry.title for entry in Entry.objects.all()] == ["Zig"]


def test_never_in_production(settings: Settings, data: Path) -> None:
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="for development"):
        seeded()
    assert (User.objects.count(), data.exists()) == (0, False)
