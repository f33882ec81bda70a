"""What a heading's words announce, given what it stands under.

"🛠️ Key Technologies Covered"                    technologies
"Collaboration & Productivity", within these     tools
"Tools", within technologies                     technologies still: a group of them, as "Databases" is
"Security Best Practices", within concepts       concepts still: it names one
"Takeaways", within challenges                   practices: nothing but a topic's own words
"""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from knowledge.documents.tidy import plain, vocabulary, words

__all__ = ["Topic", "is_generic", "opens_with_topic", "says_nothing_else", "topic_of"]


class Topic(Enum):
    """What the text under a heading holds."""

    TECHNOLOGIES = "technologies"
    TOOLS = "tools"
    CONCEPTS = "concepts"
    PRACTICES = "practices"
    LEARNINGS = "learnings"
    CHALLENGES = "challenges"
    # Known to hold no knowledge of these kinds: an overview, a licence.
    OTHER = "other"
    # Help with the program itself: what it calls a problem is nothing that anybody met and learned from.
    MANUAL = "manual"


# In order: the first topic with a word in the heading is its topic.
_WORDS: tuple[tuple[Topic, frozenset[str]], ...] = (
    (
        Topic.CHALLENGES,
        vocabulary(
            "challenge challenges struggle struggles obstacle obstacles difficulty difficulties hurdle hurdles pitfalls"
            " roadblock roadblocks blockers struggled stumbling setbacks"
            " défi défis difficulté difficultés desafío desafíos desafio desafios retos dificultades dificuldades"
        ),
    ),
    (
        Topic.PRACTICES,
        vocabulary("practice practices takeaway takeaways pratiques prácticas práticas do's don'ts do’s don’ts"),
    ),
    (
        Topic.TECHNOLOGIES,
        vocabulary(
            "technology technologies tech techstack stack frameworks languages libraries toolkit toolbox"
            " tecnologías tecnologias"
        ),
    ),
    (Topic.CONCEPTS, vocabulary("concepts fundamentals principles topics conceptos conceitos")),
    (Topic.TOOLS, vocabulary("tools tooling outils herramientas ferramentas")),
    (Topic.LEARNINGS, vocabulary("learnings learned learnt insights aprendizajes aprendizados apprentissages")),
    (
        Topic.OTHER,
        vocabulary(
            "overview introduction objective objectives goal goals feature features structure installation setup"
            " license author authors contact conclusion acknowledgment acknowledgments acknowledgements contributing"
            " contribution contributions contributors roadmap future repository contents timeline about usage"
            " endpoints prerequisites tip tips faq credits support reflection reflections purpose deliverables"
            " requirements demo screenshots collaboration collaborate project projects summary readme resources"
            " references checklist started steps connect links thanks thank merci socials"
        ),
    ),
)
# A heading of these and a topic's words says nothing else than the topic.
_FILLERS = vocabulary(
    "a an and the of in for to with from my our i we key core main major important essential fundamental general"
    " common top best personal professional technical backend frontend back front end full web mobile software"
    " development engineering programming program programme industry real world covered learned learnt used faced"
    " encountered gained followed applied implemented implementation mastered explored solved overcome overcame"
    " solution solutions fix fixes resolution resolutions lessons learning recommended other additional more list"
    " section vs versus how their its during throughout including outline them it this was were advanced basic"
    " beyond basics solving adopted explored at glance which what did do you your use using learn worked"
    " et de des les du y e las los la clés clave chave importants importantes bonnes buenas boas"
    " rencontrés encontrados soluciones soluções"
)
# One word of each makes a heading on challenges: "Issues Encountered", "Problems and Solutions".
_PAIRED = (
    vocabulary("problem problems issue issues bugs errors debugging hard tough difficult problèmes problemas"),
    vocabulary(
        "solution solutions fix fixes fixed resolved resolutions faced encountered solved overcame overcome workarounds"
        " soluciones soluções rencontrés encontrados"
    ),
)
# "Problems I ran into", "Hard parts and how we handled them": told by who met them, these say as much.
_BY_ONE = vocabulary("i we")
_HARD = _PAIRED[0] | vocabulary("stuck wrong")
_MET = _PAIRED[1] | vocabulary("handled tackled dealt ran hit met got stuck")
# "What was hard", "What I found difficult", "The hard parts", "What hurt and what healed".
_PAST = vocabulary("what was were found which parts part bits helped healed")
_DIFFICULT = vocabulary("hard harder hardest tough toughest difficult tricky challenging hurt broke")
# "Rules I live by", "Golden rules": but the rules of a form, and the habits a program tracks, are its own.
_KEPT = vocabulary("rules habits guidelines standards")
_AS_GOOD = vocabulary("i golden good thumb stayed stuck kept keep")
# "What I keep with me", "Things I do in every project", "What I would tell my younger self", "What I would tell me".
_KEEPING = vocabulary("keep kept")
_ADVICE = vocabulary("tell told")
_SELF = vocabulary("me self myself")
# "What I used"; "What I understood", "Ideas I understand now".
_USED = vocabulary("what used")
_UNDERSTOOD = vocabulary("understand understood")
# Headings of their own; "Built with love" and "Stories" are none.
_STORIES = vocabulary("war stories")
_BUILT_WITH = vocabulary("built with")
# "Key lessons", but not the lessons of a course.
_WEIGHTY = vocabulary("key main personal important biggest my i")
# "Common issues and fixes" is a manual's, "Common issues I faced" is somebody's.
_TOLD = vocabulary("i we faced encountered challenge challenges overcame solved")
# A heading of nothing but these closes what it stands beneath, whatever its level: "Conclusion", "Final thoughts".
_CLOSING = vocabulary(
    "overview introduction conclusion license author authors contact acknowledgment acknowledgments acknowledgements"
    " contributing contributors references credits roadmap next steps thoughts reflection reflections summary"
    " installation would differently future improvements benefits advantages pros strengths opportunities"
    " thanks thank merci socials about me"
)
# "Problems solved" is what a program is for.
_OF_A_PRODUCT = vocabulary("problem problems solved")
_CHALLENGE = vocabulary("challenge challenges")
# A program about challenges has these of them: "Challenge lifecycle", "Challenges API".
_OF_A_PROGRAM = vocabulary(
    "lifecycle model models api apis endpoint endpoints management type types list page pages card cards schema"
    " creation rules status statuses states flow app apps table mode modes service services system platform"
    " participants entries routes view views component components module participation tracking leaderboard"
)
# What follows one of these only says which: "Concepts that clicked", "Practices I swear by".
_OPENING = vocabulary("technologies concepts practices takeaways learnings")
# These announce a topic with its fillers alone: "Backend Fundamentals", but not "Python Fundamentals".
_WEAK = vocabulary("fundamentals principles topics")
_JOINING = vocabulary("a an and the of in for to with from")
_TOGETHER = vocabulary("collaboration collaborative productivity communication teamwork")
_DESIGN = vocabulary("architecture architectural principles patterns methodologies paradigms")
_TOPIC_WORDS = frozenset().union(*(own for topic, own in _WORDS if topic is not Topic.OTHER), *_PAIRED)
_OTHER_WORDS = next(own for topic, own in _WORDS if topic is Topic.OTHER)
# These stand beside them, and say nothing of their own: "Getting started", "Future improvements".
_BESIDE = vocabulary(
    "getting improvements enhancements plans scope vision work ahead next steps team members final thoughts closing"
    " remarks words api"
)
# A long word of a topic that is spelled with one letter wrong, left out, doubled or swapped is still that word.
_MIN_MISSPELLED = 8
_MISSPELLABLE = tuple(
    sorted(word for word in _TOPIC_WORDS | vocabulary("solutions") if len(word) >= _MIN_MISSPELLED and word.isascii())
)
# A heading of more words than this is a sentence.
_MAX_WORDS = 14
# Longer lines, of which none is a heading, are not kept.
_MOST_REMEMBERED = 200
# Of a heading's words, how many may be foreign to its topic: "Modern tools (Vite, Jest, Expo, npm)" announces none.
_MAX_FOREIGN = 0.6
# But "Architecture and Design Concepts" is no longer than that, and says last what they are.
_MAX_QUALIFIED = 4


def topic_of(title: str, within: Topic | None = None) -> Topic | None:
    """The topic that a heading opens beneath a section on `within`; None when its words tell nothing."""
    return (_topic if len(title) > _MOST_REMEMBERED else _remembered)(title, within)


def _topic(title: str, within: Topic | None) -> Topic | None:
    said = _spelled(words(plain(title)))
    own = _own_topic(said)
    if within is Topic.MANUAL:
        return Topic.MANUAL if own in (None, Topic.OTHER, Topic.CHALLENGES) else own
    if within in (None, Topic.OTHER):
        return own or within
    if within in (Topic.TECHNOLOGIES, Topic.TOOLS) and _TOGETHER & set(said):
        return Topic.TOOLS
    if own in (None, Topic.OTHER, Topic.MANUAL):
        return _unannounced(said, within)
    if own is Topic.TOOLS and within is Topic.TECHNOLOGIES:
        return within
    return own if within is Topic.LEARNINGS or is_generic(title) else within


# A document's lines are looked at again and again, as titles and as what stands beneath one.
_remembered = lru_cache(maxsize=1_024)(_topic)


def _unannounced(said: list[str], within: Topic) -> Topic:
    """What a heading opens beneath `within` whose words announce no knowledge."""
    if said == ["lessons"]:
        return Topic.LEARNINGS
    if _CLOSING & set(said) and set(said) <= _CLOSING | _FILLERS:
        return Topic.OTHER
    if within in (Topic.TECHNOLOGIES, Topic.LEARNINGS) and _DESIGN & set(said):
        return Topic.CONCEPTS
    return within


def is_generic(title: str) -> bool:
    """Whether a heading has no words but a topic's and fillers: "Core Backend Concepts", but not "Core Python"."""
    return not _foreign(_spelled(words(plain(title))))


def opens_with_topic(title: str) -> bool:
    """Whether a heading's first word is a topic's, and the rest only says which: "Technologies over all weeks"."""
    said = _spelled(words(plain(title)))
    return bool(said) and said[0] in _OPENING


def says_nothing_else(title: str) -> bool:
    """Whether a heading that announces no knowledge says no more than that: "Project structure", "Final thoughts"."""
    return all(word in _OTHER_WORDS or word in _FILLERS or word in _BESIDE for word in words(plain(title)))


def _own_topic(said: list[str]) -> Topic | None:
    if not said or len(said) > _MAX_WORDS or _names_a_programs_part(said):
        return None
    known = set(said)
    if "troubleshooting" in known or (known >= {"common"} and known & _PAIRED[0] and not known & _TOLD):
        return Topic.MANUAL
    if all(known & side for side in _PAIRED) and not known <= _OF_A_PRODUCT:
        return Topic.CHALLENGES
    if "full" in known:
        known.discard("stack")
    topic = _by_its_words(said, known)
    # "Things I do in every project" is on no project.
    if topic in (None, Topic.OTHER) and _is_advice(known):
        return Topic.PRACTICES
    if topic is None:
        return _told_by_one(known)
    return topic if topic in (Topic.CHALLENGES, Topic.OTHER) or _is_announced(topic, said) else None


def _by_its_words(said: list[str], known: set[str]) -> Topic | None:
    topic = next((topic for topic, own in _WORDS if own & known), None)
    if topic is Topic.CHALLENGES and "from" in said and _strong(Topic.PRACTICES) & set(said[: said.index("from")]):
        return Topic.PRACTICES
    return topic


def _is_announced(topic: Topic, said: list[str]) -> bool:
    """Whether a heading with a word of a topic is on it: by where that stands, or as little else is said."""
    telling = [word for word in said if word not in _JOINING]
    is_last = said[-1] == "concepts" and topic is Topic.CONCEPTS and len(telling) <= _MAX_QUALIFIED
    if is_last or (said[0] in _OPENING and said[0] in _strong(topic)):
        return True
    return len(_foreign(telling)) <= (_MAX_FOREIGN * len(telling) if set(said) & _strong(topic) else 0)


def _told_by_one(known: set[str]) -> Topic | None:
    """What a heading announces without a word of a topic, by what somebody says of it: "Where I got stuck"."""
    return next((topic for topic, says in _SAYINGS if says(known)), None)


def _is_advice(known: set[str]) -> bool:
    """Whether somebody says what they hold on to: "What I keep", "Things I always do", "What I would tell myself"."""
    if not known & _BY_ONE:
        return False
    keeps = "what" in known and known & _KEEPING and known <= _FILLERS | _KEEPING | _SELF
    does = {"do", "things"} <= known and known & {"every", "always"}
    return bool(keeps or does or (known & _ADVICE and known & _SELF))


# In order: the first that holds of a heading's words tells its topic.
_SAYINGS: tuple[tuple[Topic, Callable[[set[str]], object]], ...] = (
    (
        Topic.CHALLENGES,
        lambda known: known & _PAST and known & _DIFFICULT and known <= _PAST | _DIFFICULT | _FILLERS,
    ),
    (Topic.CHALLENGES, lambda known: known & _BY_ONE and known & _HARD and known & _MET),
    (Topic.CHALLENGES, lambda known: known >= _STORIES),
    (Topic.TECHNOLOGIES, lambda known: known >= _BUILT_WITH and known <= _BUILT_WITH | _FILLERS),
    (Topic.TECHNOLOGIES, lambda known: _USED <= known <= _FILLERS),
    (Topic.CONCEPTS, lambda known: known & _BY_ONE and known & _UNDERSTOOD),
    (Topic.PRACTICES, lambda known: known & _KEPT and known & _AS_GOOD),
    (Topic.LEARNINGS, lambda known: "lessons" in known and known & _WEIGHTY),
)


def _names_a_programs_part(said: list[str]) -> bool:
    return any(first in _CHALLENGE and second in _OF_A_PROGRAM for first, second in pairwise(said))


def _strong(topic: Topic) -> frozenset[str]:
    return next(own for own_topic, own in _WORDS if own_topic is topic) - _WEAK


def _foreign(said: list[str]) -> list[str]:
    """The words that are neither a topic's nor fillers."""
    return [word for word in said if word not in _FILLERS and word not in _TOPIC_WORDS and not word.isdigit()]


def _spelled(said: list[str]) -> list[str]:
    """The words, with a topic's own where one is misspelled: "Challanges", "Key Techologies"."""
    return [_respelled(word) for word in said]


@lru_cache(maxsize=1_024)
def _respelled(word: str) -> str:
    if word in _FILLERS or word in _TOPIC_WORDS or word in _OTHER_WORDS or len(word) + 1 < _MIN_MISSPELLED:
        return word
    if word.endswith("ys") and f"{word[:-2]}ies" in _TOPIC_WORDS:
        return f"{word[:-2]}ies"
    meant = [known for known in _MISSPELLABLE if known[0] == word[0] and _is_a_slip(word, known)]
    return meant[0] if len(meant) == 1 else word


def _is_a_slip(word: str, known: str) -> bool:
    """Whether two words differ in one letter, within the word: "concept" is no slip for "concepts"."""
    start = next((n for n, (one, other) in enumerate(zip(word, known, strict=False)) if one != other), len(word))
    mine, theirs = word[start:], known[start:]
    if not mine or not theirs:
        return False
    swapped = mine[1:2] + mine[:1] + mine[2:]
    return mine[1:] == theirs[1:] or mine[1:] == theirs or mine == theirs[1:] or swapped == theirs
