"""What is kept: so much, fairly, and in the order of use."""

from concurrent.futures import ThreadPoolExecutor

from schema.planner.shelves import Kept, Shelf, Shelves


def filled(*brought: tuple[str, str], most: int = 4) -> Shelf[str]:
    """A shelf to which things were brought, each with its owner: the name twice, in capitals."""
    shelf: Shelf[str] = Shelf(most)
    for name, owner in brought:
        shelf.put(name, name.upper(), owner=owner, weight=1)
    return shelf


def kept(shelf: Shelf[str], names: str) -> str:
    return "".join(thing for name in names if (thing := shelf.get(name)))


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    shelf = filled(*((name, "one") for name in "abcd"))
    assert shelf.get("a") == "A"
    shelf.put("e", "E", owner="one", weight=1)
    assert kept(shelf, "abcde") == "ACDE"
    assert len(shelf) == 4


def test_who_brought_most_makes_room() -> None:
    shelf = filled(("x", "few"), *((name, "many") for name in "abc"))
    for name in "defgh":
        shelf.put(name, name.upper(), owner="many", weight=1)
    assert kept(shelf, "xabcdefgh") == "XFGH"
    for name in "yz":
        shelf.put(name, name.upper(), owner="few", weight=1)
    assert kept(shelf, "xyzfgh") == "YZGH"


def test_things_have_weights() -> None:
    shelf = filled(("a", "one"), ("b", "two"), ("c", "one"))
    shelf.put("heavy", "H", owner="three", weight=3)
    assert (kept(shelf, "abc"), shelf.get("heavy")) == ("C", "H")
    shelf.put("too heavy", "T", owner="four", weight=5)
    assert (kept(shelf, "abc"), shelf.get("heavy"), shelf.get("too heavy")) == ("C", "H", None)
    shelf.put("d", "D", owner="one", weight=1)
    assert (kept(shelf, "abcd"), shelf.get("heavy")) == ("CD", None)


def test_what_is_there_stays_as_it_is() -> None:
    shelf = filled(("a", "one"))
    shelf.put("a", "other", owner="two", weight=1)
    assert (shelf.get("a"), len(shelf)) == ("A", 1)
    # It is still the first one's.
    for name in "bcd":
        shelf.put(name, name.upper(), owner="two", weight=1)
    shelf.put("e", "E", owner="three", weight=1)
    assert kept(shelf, "abcde") == "ACDE"


def test_what_is_taken_is_gone() -> None:
    shelf = filled(("a", "one"), ("b", "one"))
    assert [shelf.take("a"), shelf.take("a"), shelf.get("a")] == [Kept("A", 1, "one"), None, None]
    assert (shelf.holds("a"), shelf.holds("b")) == (False, True)
    assert shelf.named(lambda name: name in {"a", "b"}) == ["B"]
    shelf.clear()
    assert (len(shelf), shelf.get("b")) == (0, None)


def used(shelves: Shelves[str], name: str, owner: str) -> None:
    """It is asked for, and brought where it is not there."""
    if shelves.get(name, owner=owner) is None:
        shelves.put(name, name.upper(), owner=owner, weight=1)


def test_what_comes_once_pushes_out_nothing_that_came_again() -> None:
    shelves: Shelves[str] = Shelves(4, 2)
    for name in "abba":
        used(shelves, name, "few")
    for number in range(20):
        used(shelves, str(number), "few")
    assert shelves.named(str.isalpha) == ["B", "A"]  # type: ignore[arg-type]
    assert shelves.named(str.isdigit) == ["18", "19"]  # type: ignore[arg-type]


def test_what_came_again_pushes_out_what_is_its_owners() -> None:
    shelves: Shelves[str] = Shelves(4, 2)
    for name in "aa":
        used(shelves, name, "few")
    for number in range(20):
        used(shelves, str(number), "many")
        used(shelves, str(number), "many")
    assert [len(shelves.in_use), len(shelves.new)] == [4, 0]
    assert shelves.get("a", owner="few") == "A"


def test_to_ask_whether_it_is_there_is_no_use_of_it() -> None:
    shelves: Shelves[str] = Shelves(4, 2)
    used(shelves, "a", "one")
    assert (shelves.holds("a"), shelves.holds("b")) == (True, False)
    assert (len(shelves.in_use), len(shelves.new)) == (0, 1)


def test_many_threads_at_once() -> None:
    shelf: Shelf[int] = Shelf(20)

    def use(number: int) -> None:
        for turn in range(300):
            name = (number * 7 + turn) % 40
            if shelf.get(name) is None:
                shelf.put(name, name, owner=number, weight=1)
            if turn % 5 == 0:
                shelf.take(name)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
    assert len(shelf) <= 20
    assert all(shelf.get(name) in {name, None} for name in range(40))
