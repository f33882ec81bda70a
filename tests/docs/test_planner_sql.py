"""docs/planner.md shows the SQL that is made of its query."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

PAGE = Path(__file__).resolve().parents[2] / "docs/planner.md"
WORKED = re.compile(r"This query\n\n```graphql\n(.*?)```.*?```sql\n(.*?)```", re.DOTALL)


def squeezed(sql: str) -> str:
    """On one line, with no space but one that tells words apart."""
    return re.sub(r"(?<=\() | (?=\))", "", " ".join(sql.split()))


@pytest.mark.django_db
def test_it_is_what_explain_query_prints(tmp_path: Path) -> None:
    worked = WORKED.search(PAGE.read_text("utf-8"))
    assert worked
    document = tmp_path / "query.graphql"
    document.write_text(worked[1], "utf-8")
    printed = StringIO()

    call_command("explain_query", str(document), stdout=printed)

    assert f". {squeezed(worked[2])} Result " in squeezed(printed.getvalue())
