"""The reader of challenges in a table."""

from collections.abc import Sequence

from knowledge.documents.block import Block
from knowledge.documents.document import Challenge
from knowledge.documents.kinds import without_numbering
from knowledge.documents.lines import Line
from knowledge.documents.naming import is_placeholder, statement
from knowledge.documents.tidy import plain, vocabulary, words

__all__ = ["read_table"]

_CHALLENGE = vocabulary(
    "challenge challenges obstacle obstacles difficulty difficulties struggle struggles hurdle hurdles"
    " défi défis difficulté difficultés desafío desafíos reto retos desafio desafios"
)
# Within a section on challenges these words announce one too; elsewhere they may head a manual's table.
_PROBLEM = vocabulary(
    "problem problems issue issues bug bugs error errors pain blocker blockers symptom problème problèmes problema"
    " problemas"
)
_BODY = vocabulary("description problem details detail context situation what")
_SOLUTION = vocabulary(
    "solution solutions fix fixes fixed resolution resolutions approach action actions how solved resolved mitigation"
    " workaround strategy response did overcame handled worked helped remedy answer way"
    " solución soluciones solução soluções"
)
# What a table tells beside the two: of such a column neither a challenge nor a solution is guessed.
_ASIDE = vocabulary(
    "impact result results outcome outcomes cause causes why lesson lessons takeaway takeaways benefit benefits status"
    " tool tools technology technologies tech category area severity priority date week learning learned effect tried"
)
# A table with one of these in its head is a program's reference: fields, endpoints, settings, measurements.
_REFERENCE = vocabulary(
    "endpoint endpoints method field fields type url path parameter parameters variable variables column key value"
    " command file permission metric before default"
)
# "What I changed" is what somebody did.
_TELLERS = vocabulary("i we")


def read_table(table: Block, *, is_challenges: bool) -> list[Challenge] | None:
    """The pairs of a table with a column of challenges and one of solutions, or None when it has no such columns.

    | Challenge | Description | Solution |
    |-----------|-------------|----------|
    | Slow page | No index    | Added it |

    `is_challenges`: the section is about challenges, so that a table of two columns is read whatever its header says.
    """
    header, *rows = without_numbering(table.rows)
    columns = _columns(header, is_challenges=is_challenges)
    if columns is None:
        return None
    pairs = []
    for row in rows:
        cells = [plain(cell.text) for cell in row] + [""] * len(header)
        title, body, solution = (cells[column] if column is not None else "" for column in columns)
        if statement(title) and not is_placeholder(title):
            pairs.append(Challenge(statement(title), body, solution or None, row[0].number))
    return pairs


def _columns_of_two(said: Sequence[set[str]], title: int | None) -> tuple[int, int | None, int | None] | None:
    """Both columns of a table on challenges of which one or none is announced.

    "Challenge" beside "What made it hard", or beside "Lesson", has no solution.
    """
    if title is None:
        return None if any(column & _REFERENCE for column in said) else (0, None, 1)
    if said[1 - title] & _TELLERS:
        return 0, None, 1
    other = said[1 - title]
    if other & _ASIDE:
        return title, None, None
    return (title, 1 - title, None) if other & _BODY else (0, None, 1)


def _columns(header: Sequence[Line], *, is_challenges: bool) -> tuple[int, int | None, int | None] | None:
    """The columns of challenge, description and solution.

    Where the section is on challenges it is enough that one of the two is announced, if the other one can only be the
    first or the last column that tells neither a cause nor a result.
    """
    said = [set(words(cell.text)) for cell in header]
    announcing = _CHALLENGE | _PROBLEM if is_challenges else _CHALLENGE
    solution = next(
        (n for n, column in enumerate(said) if column & _SOLUTION and not column & (_CHALLENGE | _PROBLEM)), None
    )
    title = next((n for n, column in enumerate(said) if column & announcing and n != solution), None)
    if is_challenges and len(said) == 2 and None in (title, solution):  # noqa: PLR2004 - one column each
        return _columns_of_two(said, title)
    if is_challenges:
        others = [n for n, column in enumerate(said) if not column & (_ASIDE | _BODY) and n not in (title, solution)]
        if title is None:
            title = next((n for n in others if solution is not None and n < solution), None)
        elif solution is None:
            solution = next((n for n in reversed(others) if n > title), None)
    if title is None or solution is None:
        return None
    return (
        title,
        next(
            (
                n
                for n, column in enumerate(said)
                if column & _BODY and n not in (title, solution) and not column & _ASIDE
            ),
            None,
        ),
        solution,
    )
