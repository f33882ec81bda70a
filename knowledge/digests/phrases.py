"""Numbers, spans of time and windows in words. All moments are told in UTC."""

from datetime import UTC, date, datetime, time, timedelta

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number of things: "one entry", "12 entries". `many` is `one` with an s, unless given."""
    noun = one if number == 1 else many or f"{one}s"
    return f"{_WORDS[number] if number < len(_WORDS) else f'{number:,}'} {noun}"


def listed(parts: list[str]) -> str:
    """The parts with commas and an "and"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def sentence(text: str) -> str:
    """The text with a capital at its start and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:]}."


def span_in_words(span: timedelta) -> str:
    """How long something took: in days, or hours on the same day."""
    if span < timedelta(hours=1):
        return "less than an hour"
    if span < timedelta(days=1):
        return f"{counted_plainly(span // timedelta(hours=1), 'hour')}"
    return counted_plainly(span.days, "day")


def counted_plainly(number: int, one: str) -> str:
    """As `counted`, always in digits: "12 days"."""
    return f"{number:,} {one if number == 1 else f'{one}s'}"


def window_in_words(start: datetime, end: datetime) -> str:
    """A half-open window: by its first and last day where it holds whole days, else to the minute."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if start.time() == end.time() == time.min:
        return days_in_words(start.date(), end.date() - timedelta(days=1))
    return f"{_moment(start)} to {_moment(end)} UTC"


def days_in_words(first: date, last: date) -> str:
    """From the first day to the last, both within."""
    if first == last:
        return _day(last)
    if first.replace(day=1) == last.replace(day=1):
        return f"{first.day} to {_day(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%B} to {_day(last)}"
    return f"{_day(first)} to {_day(last)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _moment(moment: datetime) -> str:
    return f"{_day(moment.date())}, {moment:%H:%M}"
