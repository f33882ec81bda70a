import pytest

from knowledge.documents.repair import repaired


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("-\u00a0Docker", "- Docker", id="no-break spaces"),
        pytest.param("• Docker\n  ◦ Compose", "- Docker\n  - Compose", id="typed bullets"),
        pytest.param("[+] Docker\n[✓] Redis\n[a] b", "- Docker\n- Redis\n[a] b", id="bullets in brackets"),
        pytest.param("Late buses\n~~~~~~~~~~\nSnow", "### Late buses\n\nSnow", id="underlined with tildes"),
        pytest.param("As in\n~~~~\nls\n~~~~", "As in\n~~~~\nls\n~~~~", id="a fence of tildes"),
        pytest.param("~~~~\nls -a\nlist\n~~~~\n- a", "~~~~\nls -a\nlist\n~~~~\n- a", id="a line of code as long as it"),
        pytest.param("##Tools\n#hashtag", "## Tools\n#hashtag", id="headings without a space, but no hashtags"),
        pytest.param("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main", "\na\n\nb\n", id="conflict markers"),
        pytest.param("Title\n=======", "Title\n=======", id="an underline without a conflict"),
        pytest.param("```markdown\n# A\n```sh\nls\n```\n```", "\n# A\n```sh\nls\n```\n", id="a fence around all"),
        pytest.param("````md\n# A\n```\nls\n```\n", "\n# A\n```\nls\n```\n", id="a fence around all, never closed"),
        pytest.param("```sh\nls\n```", "```sh\nls\n```", id="a code sample"),
        pytest.param(
            "\\# A\n\\- \\*\\*b\\*\\*\n1\\. c\\_d", "# A\n- **b**\n1. c_d", id="everything escaped by an editor"
        ),
        pytest.param("# A\n- b\n- \\*c\n\\# d", "# A\n- b\n- \\*c\n\\# d", id="something escaped on purpose"),
        pytest.param("code();\n```\n\n# A", "code();\n\n\n# A", id="a closing fence that nothing opened"),
        pytest.param("```\ncode();\n```\n\n# A", "```\ncode();\n```\n\n# A", id="a closing fence"),
        pytest.param("As in\n```\nls\n```", "As in\n```\nls\n```", id="an opening fence"),
        pytest.param(
            "A\n\n    b\n\n        c\n        d\n    e\n        f",
            "A\n\n- b\n\n  - c\n  - d\n- e\n  - f",
            id="an outline by indentation alone",
        ),
        pytest.param("# A\n" + "    b\n" * 9, "# A\n" + "    b\n" * 9, id="indented code under a heading"),
    ],
)
def test_repairs(written: str, read: str) -> None:
    assert repaired(written) == read


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("Itâ€™s a cafÃ© â€“ closed", "It’s a café – closed"),
        ("ðŸš€ Challenges", "🚀 Challenges"),
        ("Ã‰tÃ© Ã  Paris", "Été à Paris"),
        ("It’s a café – open", "It’s a café – open"),
        ("SÃO PAULO, Ångström, naïve", "SÃO PAULO, Ångström, naïve"),
    ],
)
def test_text_that_was_saved_in_the_wrong_encoding_is_mended(broken: str, mended: str) -> None:
    assert repaired(broken) == mended


def test_controls_of_direction_are_taken_out_and_letters_stay() -> None:
    assert repaired("\u202eabc\u202c \u2066x\u2069 \u200fשלם") == "abc x \u200fשלם"


def test_accents_that_were_mojibake_become_one_with_their_letters() -> None:
    assert repaired("UĚ°") == "\u1e74"
