"""A person's morning, and when to try again."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.deliveries.timing import PAUSES, morning_after, pause_after

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time_zone", "hour"),
    [
        ("UTC", 7),
        ("Europe/Berlin", 6),
        ("America/New_York", 11),  # since the day before on summer time
        ("Pacific/Honolulu", 17),
        ("Asia/Bangkok", 0),
        ("Asia/Tokyo", 0),  # nine o'clock there: sooner there is no week to tell of
        ("No/Such_Zone", 7),
        ("../etc/passwd", 7),
        ("", 7),
    ],
)
def test_a_week_comes_on_monday_morning(time_zone: str, hour: int) -> None:
    assert morning_after(MONDAY, time_zone) == MONDAY + timedelta(hours=hour)


def test_summer_time_moves_the_moment_not_the_morning() -> None:
    winter = morning_after(datetime(2026, 3, 23, tzinfo=UTC), "Europe/Berlin")
    summer = morning_after(datetime(2026, 3, 30, tzinfo=UTC), "Europe/Berlin")
    assert (winter.hour, summer.hour) == (6, 5)


def test_pauses_grow_and_end() -> None:
    pauses = [pause_after(attempt) for attempt in range(1, len(PAUSES) + 1)]
    assert pauses == sorted(PAUSES)
    assert pauses[0] == timedelta(minutes=1)
    assert pause_after(len(PAUSES) + 1) is None
