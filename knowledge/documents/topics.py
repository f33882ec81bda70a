"""What a heading's words announce, given what it stands under.

"🛠️ Key Technologies Covered"                    technologies
"Collaboration & Productivity", within these     tools
"Security Best Practices", within concepts       concepts still: it names one
"Takeaways", within challenges                   practices: nothing but a topic's own words
"""

from enum import Enum

from knowledge.documents.tidy import plain, vocabulary, words

__all__ = ["Topic", "is_generic", "topic_of"]


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


# In order: the first topic with a word in the heading is its topic.
_WORDS: tuple[tuple[Topic, frozenset[str]], ...] = (
    (
        Topic.CHALLENGES,
        vocabulary(
            "challenge challenges struggle struggles obstacle obstacles difficulty difficulties hurdle hurdles pitfalls"
            " roadblock roadblocks blockers struggled stumbling"
            " défi défis difficulté difficultés desafío desafíos desafio desafios retos dificultades dificuldades"
        ),
    ),
    (
        Topic.PRACTICES,
        vocabulary("practice practices takeaway takeaways pratiques prácticas práticas do's don'ts do’s don’ts"),
    ),
    (
        Topic.TECHNOLOGIES,
        vocabulary("technology technologies tech stack frameworks languages libraries tecnologías tecnologias"),
    ),
    (Topic.CONCEPTS, vocabulary("concepts conceptos conceitos")),
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
            " references checklist started steps connect links"
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
    " beyond basics which what did do you your use using learn worked"
    " et de des les du y e las los la clés clave chave importants importantes bonnes buenas boas"
    " rencontrés encontrados soluciones soluções"
)
# One word of each makes a heading on challenges: "Issues Encountered", "Problems and Solutions".
_PAIRED = (
    vocabulary("problem problems issue issues bugs errors debugging problèmes problemas"),
    vocabulary(
        "solution solutions fix fixes resolved faced encountered solved soluciones soluções rencontrés encontrados"
    ),
)
_JOINING = vocabulary("a an and the of in for to with from")
_TOGETHER = vocabulary("collaboration collaborative productivity communication teamwork")
_DESIGN = vocabulary("architecture architectural principles patterns methodologies paradigms")
_TOPIC_WORDS = frozenset().union(*(own for topic, own in _WORDS if topic is not Topic.OTHER), *_PAIRED)
# A heading of more words than this is a sentence.
_MAX_WORDS = 14
# Of a heading's words, how many may be foreign to its topic: "Modern tools (Vite, Jest, Expo, npm)" announces none.
_MAX_FOREIGN = 0.6


def topic_of(title: str, within: Topic | None = None) -> Topic | None:
    """The topic that a heading opens beneath a section on `within`; None when its words tell nothing."""
    said = words(plain(title))
    own = _own_topic(said)
    if within in (None, Topic.OTHER):
        return own or within
    if within in (Topic.TECHNOLOGIES, Topic.TOOLS) and _TOGETHER & set(said):
        return Topic.TOOLS
    if within in (Topic.TECHNOLOGIES, Topic.LEARNINGS) and own in (None, Topic.OTHER) and _DESIGN & set(said):
        return Topic.CONCEPTS
    if own in (None, Topic.OTHER):
        return within
    return own if within is Topic.LEARNINGS or is_generic(title) else within


def is_generic(title: str) -> bool:
    """Whether a heading has no words but a topic's and fillers: "Core Backend Concepts", but not "Core Python"."""
    return not _foreign(words(plain(title)))


def _own_topic(said: list[str]) -> Topic | None:
    if not said or len(said) > _MAX_WORDS:
        return None
    known = set(said)
    if all(known & side for side in _PAIRED):
        return Topic.CHALLENGES
    if "full" in known:
        known.discard("stack")
    topic = next((topic for topic, own in _WORDS if own & known), None)
    if topic in (Topic.CHALLENGES, Topic.OTHER):
        return topic
    telling = [word for word in said if word not in _JOINING]
    return topic if len(_foreign(telling)) <= _MAX_FOREIGN * len(telling) else None


def _foreign(said: list[str]) -> list[str]:
    """The words that are neither a topic's nor fillers."""
    return [word for word in said if word not in _FILLERS and word not in _TOPIC_WORDS and not word.isdigit()]
