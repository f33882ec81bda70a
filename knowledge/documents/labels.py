"""Labels that people put before the parts of a challenge: "Problem:", "What I did:", "Solution Implemented:"."""

import re
from dataclasses import dataclass
from enum import Enum

from knowledge.documents.lines import Line
from knowledge.documents.tidy import phrases, vocabulary, words

__all__ = ["Label", "Role", "heading_label", "label_of", "marked_solution", "parts_of"]


class Role(Enum):
    """What a labelled text is."""

    CHALLENGE = "challenge"
    PROBLEM = "problem"
    SOLUTION = "solution"
    # Neither problem nor solution: a cause, a result, the tools used.
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Label:
    """A label and the text after it, which is empty where the label stands alone."""

    role: Role
    text: str
    is_plural: bool = False
    # In a manual these words are labels too: "Issue: it doesn't start".
    is_a_manuals: bool = False
    # Whoever asks "What I changed" tells what happened to them, wherever it stands.
    is_personal: bool = False


_PHRASES = {
    Role.CHALLENGE: (
        "challenge|issue|difficulty|obstacle|struggle|hurdle|blocker|bug"
        "|challenges|issues|difficulties|obstacles|struggles|hurdles|blockers|bugs"
        "|défi|défis|difficulté|difficultés|desafío|desafíos|reto|retos|desafio|desafios|dificultad|dificuldade"
    ),
    Role.PROBLEM: (
        "problem|problems|description|situation|context|symptom|symptoms|scenario|pain point|error|q|question"
        "|what i saw|what we saw|what happened|what went wrong|what was hard"
        "|what i did wrong|what we did wrong"
        "|problème|problèmes|problema|problemas|contexte|contexto"
    ),
    Role.SOLUTION: (
        "solution|solutions|fix|fixes|resolution|approach|action|actions|action taken|actions taken|answer|mitigation"
        "|workaround|remedy|response|strategy|resolved by|solved by|fixed by|overcame by|resolved|solved|fixed"
        "|what worked|what helped"
        "|how it was solved|how it was resolved|solution approach|advanced solution|decision|a|way out"
        "|solución|soluciones|solução|soluções|résolution|resolución|resolução"
    ),
    Role.ASIDE: (
        "cause|causes|root cause|reason|why|result|results|outcome|outcomes|takeaway|takeaways|lesson|lessons"
        "|lesson learned|lessons learned|impact|benefit|benefits|learning|learnings|key learning|what i learned"
        "|what we learned|tool|tools|tools used|tech used|technologies|note|status|alternative|example|insight"
        "|consequence|consequences|label|labels|tag|tags|priority|severity|date|due|members|task|résultat|resultado"
    ),
}
_ROLES = {phrase: role for role, listed in _PHRASES.items() for phrase in phrases(listed)}
_PLURALS = vocabulary("challenges problems issues solutions fixes them these those")
_MANUALS = vocabulary("issue issues bug bugs")
# "What I did", "How we solved it", "How did I fix it".
_ASKING = vocabulary("what how")
_SOMEBODY = vocabulary("i we you")
_TELLERS = vocabulary("i we")
# "Why it was hard", "What made this tricky".
_ASKING_OF_IT = (["why"], ["what"])
_OF_IT = re.compile(r"(why|what made) (?:it|this|that) \w")
# "Hardest part", "The second hardest bug"; "How I got past it".
_HARDEST = vocabulary("hardest toughest trickiest")
_PART = vocabulary("part thing bit bug problem")
_PAST_IT = re.compile(r"how (?:i|we) got (?:past|around|round|over|through|out of) (?:it|this|that)")
_MENDED = vocabulary(
    "did solved solve fixed fix changed change resolved resolve overcame overcome dealt deal handled handle"
    " approached approach addressed address tackled tackle"
)
_MODIFIERS = vocabulary(
    "the my our a an main proposed implemented applied used faced encountered final short brief"
    " statement specific key core detailed"
)
_MAX_LABEL_WORDS = 6
# These are labels without a colon too, on a line by themselves.
_ALONE = vocabulary("Problem Solution Challenge Fix Resolution Outcome Result")
# Emoji that stand for the two words, where one follows the other.
_TROUBLE = frozenset("❌❎✖❗❕⚠⛔🔥🚧🚨🐛🐞🔴🛑💥😓😖😫😩🤯❓🧱🎯")
_REMEDY = frozenset("✅✔☑💡🛠🔧🟢🎉🚀💪🔑🩹✨")
_SEPARATORS = ":–—→-"
# "**Solution** Added an index", but not "**Challenge** 3" or "**Problem** solving under pressure".
_STATEMENT = re.compile(r"(?!(?:solving|statements?|design|architecture|domain|space|accepted)\b)[^\W\d]\S*\s+\S+\s+\S")
_DASH = re.compile(" [-–—] ")
# A label that follows a sentence within the same line: "Pages were slow. Solution: an index."
_INLINE = re.compile(
    r"\s+[|→]\s*(?=Solution\s+[–—-]\s)|(?:\s+[–—|→-]+>?\s*|\s+\(|\s+)"
    r"(?=(?:Solution|Fix|Resolution|Solution Implemented|Approach|Workaround|Mitigation|(?:Solved|Resolved|Fixed) by"
    r"|How (?:I|we) (?:solved|fixed|overcame|handled|resolved) (?:it|this)"
    r"|Outcome|Result|Takeaway|Impact|Cause|Root Cause|Lesson|Lessons? Learned|Benefit)s?\s*:\s)"
)


def label_of(line: Line) -> Label | None:
    """The label that a line opens with, or that it is."""
    if line.lead and (label := _emphasised(line)):
        return label
    head, colon, text = line.text.partition(":")
    if not colon and line.text in _ALONE:
        return _label(line.text, "")
    return (_label(head, text) if colon else None) or _dashed(line.text)


def heading_label(line: Line) -> Label | None:
    """The label that a heading opens with, or that it is: "Solution" needs no colon there."""
    return label_of(line) or _label(line.text, "")


def marked_solution(line: Line, before: Line, *, stands_alone: bool) -> Label | None:
    """The label that emoji stand for: `❌ Slow pages` and right after it `✅ Added an index`.

    `stands_alone`: of the lines of its block no other has a mark, so that one mark is enough.
    """
    is_told = before.mark in _TROUBLE or (stands_alone and not before.mark)
    return Label(Role.SOLUTION, line.text) if line.mark in _REMEDY and is_told else None


def parts_of(line: Line) -> list[Line]:
    """The line, cut before each label that stands within it."""
    found = list(_INLINE.finditer(line.text))
    # "The solution: ..." opens with its label.
    if found and set(words(line.text[: found[0].start()])) <= _MODIFIERS:
        del found[0]
    if not found:
        return [line]
    cuts = [match.end() for match in found]
    first = line.text[: cuts[0]].rstrip(" –—|→->(")
    ends = [*cuts[1:], len(line.text)]
    rest = [_bare(line.text[start:end].rstrip(" (")) for start, end in zip(cuts, ends, strict=True)]
    lead = line.lead if first.startswith(line.lead) else ""
    return [
        Line(line.number, first, lead, first[len(lead) :].strip()),
        *(Line(line.number, part, "", part) for part in rest),
    ]


def _bare(part: str) -> str:
    """A part without the bracket that closed it: "(Solution: an index)" opened before its label."""
    part = part.strip()
    return part[:-1] if part.endswith(")") and part.count(")") > part.count("(") else part


def _emphasised(line: Line) -> Label | None:
    """`**Solution:** text`, `**Solution** – text`, `**Solution** text`, `**Solution: text**`; or it stands alone."""
    lead = line.lead.rstrip()
    if line.rest and line.rest[0] not in _SEPARATORS and not lead.endswith(":"):
        return _label(lead, line.rest) if lead in _ALONE and _STATEMENT.match(line.rest) else None
    return _label(lead.rstrip(": "), line.rest.lstrip(_SEPARATORS + "> "))


def _dashed(text: str) -> Label | None:
    parts = _DASH.split(text, maxsplit=1)
    return _label(*parts) if len(parts) > 1 else None


def _label(head: str, text: str) -> Label | None:
    said = words(head)
    role = _role(said)
    if role is None or len(said) > _MAX_LABEL_WORDS:
        return None
    return Label(
        role,
        text.strip(),
        is_plural=not _PLURALS.isdisjoint(said),
        is_a_manuals=not _MANUALS.isdisjoint(said),
        is_personal=not _TELLERS.isdisjoint(said),
    )


def _role(said: list[str]) -> Role | None:
    exact = _ROLES.get(" ".join(said))
    if said[:1] in _ASKING_OF_IT and (asked := _OF_IT.match(" ".join(said))):
        return Role.ASIDE if asked[1] == "why" else Role.PROBLEM
    if exact is None and said[:1] and said[0] in _ASKING and _SOMEBODY & set(said[1:3]) and _MENDED & set(said[1:4]):
        return Role.SOLUTION
    if exact is None and said[-1:] and said[-1] in _PART and _HARDEST & set(said):
        return Role.CHALLENGE
    if exact is None and _PAST_IT.fullmatch(" ".join(said)):
        return Role.SOLUTION
    return exact or _ROLES.get(" ".join(word for word in said if word not in _MODIFIERS and not word.isdigit()))
