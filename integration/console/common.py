"""What the pages share: who asks, what a form says, what is shown."""

from fastapi import Request

from integration.console.guard import Refused
from integration.console.parts import Parts
from integration.console.render import Pages

_LONGEST = 1000


def parts_of(request: Request) -> Parts:
    """Return what the console is made of."""
    parts: Parts = request.app.state.parts
    return parts


def pages_of(request: Request) -> Pages:
    """Return what renders."""
    pages: Pages = request.app.state.pages
    return pages


def field(request: Request, name: str) -> str:
    """Return a form's field; empty where it is missing.

    Raises:
        Refused: it is too long for any.
    """
    value = request.state.form.get(name, "")
    text = value if isinstance(value, str) else ""
    if len(text) > _LONGEST:
        raise Refused(400, "a field is too long")
    return text


def fields(request: Request, name: str) -> list[str]:
    """Return every value of a form's field."""
    return [value for value in request.state.form.getlist(name) if isinstance(value, str)]
