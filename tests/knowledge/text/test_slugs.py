import re
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import bare_name, slug_for, slugs, title_key


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Django", "django"),
        ("Django REST Framework", "django-rest-framework"),
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        (".NET", "dot-net"),
        ("ASP.NET", "asp-net"),
        ("Node.js", "node-js"),
        ("CI/CD", "ci-cd"),
        ("R&D", "r-and-d"),
        ("#hashtag", "hashtag"),
        ("Don't", "dont"),
        ("Café au lait", "cafe-au-lait"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("🐍 Python", "python"),
        ("  snake_case  ", "snake-case"),
    ],
)
def test_a_name_has_a_slug(name: str, slug: str) -> None:
    assert slug_for(name) == slug


def test_names_in_other_scripts_keep_apart_and_stay_the_same() -> None:
    assert slug_for("日本語") == slug_for("日本語")
    assert re.fullmatch(r"x-[0-9a-f]{10}", slug_for("日本語"))
    assert slug_for("日本語") != slug_for("中文")
    assert re.fullmatch(r"python-[0-9a-f]{10}", slug_for("Python 入門"))
    assert slug_for("Python 入門") != slug_for("Python") == "python"
    assert slug_for("!!!") != slug_for("???")


def test_a_slug_that_would_be_too_long_keeps_apart() -> None:
    one, other = slug_for("x" * 100 + "1"), slug_for("x" * 100 + "2")
    assert len(one) == len(other) == 80
    assert one != other


@given(st.text(min_size=1, max_size=60))
def test_a_slug_is_always_one(name: str) -> None:
    slug = slug_for(name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 80


@given(st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True))
def test_a_slug_is_its_own_slug(slug: str) -> None:
    assert slug_for(slug, most=len(slug)) == slug
    assert slug_for(f" {slug}.", most=len(slug)) == slug


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Continuous Integration (CI)", "Continuous Integration"),
        ("Python 3.9+", "Python"),
        ("Django 4.x", "Django"),
        ("OAuth 2.0", "OAuth 2.0"),
        ("(CI)", "(CI)"),
        ("print()", "print"),
    ],
)
def test_a_bare_name_lacks_what_qualifies_it(name: str, bare: str) -> None:
    assert bare_name(name) == bare


def test_titles_of_one_name_have_one_key() -> None:
    keys = {
        title_key(title)
        for title in ("Continuous Integration (CI)", "continuous  integration", "Continuous-Integration.")
    }
    assert keys == {"continuous-integration"}


def test_slugs_of_a_title_never_end() -> None:
    first = list(islice(slugs("Docker"), 30))
    assert first[:10] == ["docker", *(f"docker-{number}" for number in range(2, 10)), first[9]]
    assert len(set(first)) == 30
    assert all(len(slug) <= 220 for slug in islice(slugs("x" * 200), 30))
