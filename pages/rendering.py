"""Pages as responses: from our templates, under a policy that lets nothing run and nothing in from elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.http import HttpResponse
from django.template import Context, Engine

# An engine of its own: the pages need neither the project's template settings nor its context processors.
_TEMPLATES: Final = Engine(dirs=[str(Path(__file__).parent / "templates")])
_POLICY: Final = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


def page(template: str, values: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """The template with the values, as HTML."""
    html = _TEMPLATES.get_template(template).render(Context(dict(values)))
    response = HttpResponse(html, status=status)
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def not_found(what: str) -> HttpResponse:
    """A page that says that there is no such thing, status 404."""
    response = page("missing.html", {"what": what}, status=404)
    response.headers["Cache-Control"] = "no-store"
    return response
