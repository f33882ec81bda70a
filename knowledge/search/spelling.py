"""Another spelling of what was searched for, made of words that stand in names that the viewer may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import BooleanField, Func, TextField
from django.db.models.expressions import BaseExpression, RawSQL

# What `Respelt` offers to its subqueries: a spelling of a word, as text and as a query. The first spelling is the word
# as it was typed, which finds its other forms too; another must be a word that somebody wrote. In a subquery, so that
# it is made once and not for each row.
SPELLING: Final = RawSQL("spelling.word", (), TextField())
WORD_QUERY: Final = RawSQL(
    "(SELECT CASE spelling.place WHEN 1 THEN nexus_search_query(ARRAY[spelling.word, ''])"
    " ELSE nexus_or_tags(whole, whole, whole) END"
    " FROM phraseto_tsquery('nexus_plain', spelling.word) AS whole)",
    (),
)
# Of names alike so many are looked at, of each type; which ones, where there are more, is as good as any.
MOST_NAMES: Final = 200

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
    """The words, each that finds nothing replaced by one that may be meant; null where that changes none.

    That is the first of its spellings that finds something, else the word of a name that is most like it. `words` and
    `spellings` are arrays: see `knowledge.search.spellings`. `names` are querysets of one column, narrowed by
    `similar_to` and to MOST_NAMES; `known` are querysets narrowed to what matches WORD_QUERY. All are scoped by the
    caller: a word that the viewer cannot read is neither offered nor known.
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
        """A choice for each word."""
        (words, word_params), (spellings, spelling_params), *subqueries = (
            compiler.compile(source) for source in self.sources
        )
        names, known = subqueries[: self.names], subqueries[self.names :]
        named = " UNION ALL ".join(sql for sql, _ in names)
        # What is common is known. The rest is counted: for one row PostgreSQL would read the table.
        tables = [subquery.query.model._meta.db_table for subquery in self.sources[-len(known) :]]
        finds = " OR ".join(
            f"nexus_is_common('{table}', {WORD_QUERY.sql}) OR (SELECT count(*) > 0 FROM {sql} AS matching)"  # noqa: S608
            for table, (sql, _) in zip(tables, known, strict=True)
        )
        # The texts are compiled SQL, and constants of this module.
        sql = f"""(
            SELECT string_agg(coalesce(meant.word, given.word), ' ' ORDER BY given.place)
              FROM unnest({words}::text[], {spellings}::text[]) WITH ORDINALITY AS given (word, spellings, place),
                   LATERAL (SELECT coalesce((
                       SELECT spelling.word
                         FROM unnest(string_to_array(given.spellings, ' ')) WITH ORDINALITY AS spelling (word, place)
                        WHERE {finds}
                        ORDER BY spelling.place
                        LIMIT 1
                   ), (
                       SELECT part.word
                         FROM (SELECT split_part(given.spellings, ' ', 1)) AS spelling (word),
                              LATERAL ({named}) AS named (name),
                              LATERAL regexp_split_to_table(lower(named.name), '\\s+') AS whole (word),
                              LATERAL (SELECT btrim(whole.word, %s)) AS part (word)
                        WHERE given.spellings <> '' AND similarity(part.word, spelling.word) >= {_SHARED_TRIGRAMS}
                        GROUP BY part.word
                        ORDER BY max(similarity(part.word, spelling.word)) DESC, part.word
                        LIMIT 1
                   ))) AS meant (word)
            HAVING bool_or(meant.word <> split_part(given.spellings, ' ', 1))
        )"""  # noqa: S608
        known_params, name_params = ([param for _, params in part for param in params] for part in (known, names))
        return sql, (*word_params, *spelling_params, *known_params, *name_params, _PUNCTUATION)
