"""Another spelling of what was searched for, made of words that stand in names that the viewer may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import BooleanField, Func, TextField
from django.db.models.expressions import BaseExpression, RawSQL

# What `Respelt` offers to its subqueries: a word with its neighbours swapped or not, and a word as a query.
SPELLING: Final = RawSQL("spelling.word", (), TextField())
WORD_QUERY: Final = RawSQL("nexus_search_query(ARRAY[given.word, ''])", ())

_SHARED_TRIGRAMS: Final = 0.4
_PUNCTUATION: Final = ".,;:!?()[]{}<>\"'`*_/–—…|"


def similar_to(name: Any) -> Any:
    """Whether a name has a word somewhat like SPELLING: by trigrams, which an index finds.

    How much like it the connection says (settings.DATABASES): PostgreSQL takes the threshold from there.
    """
    return _Similar(name, SPELLING)


class _Similar(Func):
    template = "(%(expressions)s)"
    # Doubled: the statement has parameters.
    arg_joiner = " %%> "
    output_field = BooleanField()


class Respelt(BaseExpression):
    """The words, each that finds nothing replaced by the word most like it; null where that changes none.

    `words` and `spellings` are arrays: see `knowledge.search.spellings`. `names` are querysets of one column, narrowed
    by `similar_to`; `known` are querysets narrowed to what matches WORD_QUERY. All are scoped by the caller: a word
    that the viewer cannot read is neither offered nor known.
    """

    output_field = TextField()

    def __init__(self, words: Any, spellings: Any, names: Sequence[Any], known: Sequence[Any]) -> None:
        super().__init__()
        self.sources = [words, spellings, *names, *known]
        self.names = len(names)

    def get_source_expressions(self) -> list[Any]:
        """The arrays and the subqueries."""
        return self.sources

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes them resolved."""
        self.sources = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The nearest word of all names for each word that is not known."""
        (words, word_params), (spellings, spelling_params), *subqueries = (
            compiler.compile(source) for source in self.sources
        )
        named = " UNION ALL ".join(sql for sql, _ in subqueries[: self.names])
        known = " OR ".join(f"EXISTS {sql}" for sql, _ in subqueries[self.names :])
        # The texts are compiled SQL, and constants of this module.
        sql = f"""(
            SELECT string_agg(coalesce(nearest.word, given.word), ' ' ORDER BY given.place)
              FROM unnest({words}::text[], {spellings}::text[]) WITH ORDINALITY AS given (word, spellings, place)
              LEFT JOIN LATERAL (
                SELECT part.word
                  FROM unnest(string_to_array(CASE WHEN {known} THEN NULL ELSE given.spellings END, ' '))
                       AS spelling (word),
                       LATERAL ({named}) AS named (name),
                       LATERAL regexp_split_to_table(lower(named.name), '\\s+') AS whole (word),
                       LATERAL (SELECT btrim(whole.word, %s)) AS part (word)
                 WHERE similarity(part.word, spelling.word) >= {_SHARED_TRIGRAMS}
                 GROUP BY part.word
                 ORDER BY max(similarity(part.word, spelling.word)) DESC, part.word
                 LIMIT 1
              ) AS nearest ON true
            HAVING bool_or(nearest.word <> lower(given.word))
        )"""  # noqa: S608
        known_params, name_params = (
            [param for _, params in part for param in params]
            for part in (subqueries[self.names :], subqueries[: self.names])
        )
        return sql, (*word_params, *spelling_params, *known_params, *name_params, _PUNCTUATION)
