"""What is read of a section on best practices."""

from knowledge.documents import parse_document


def practices(text: str) -> list[tuple[str, str, int]]:
    """The names, texts and lines of the practices in `text`, which stands from the second line on."""
    found = parse_document("## Best Practices\n" + text).best_practices
    return [(named.name, named.text, named.line) for named in found]
