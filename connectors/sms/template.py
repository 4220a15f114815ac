"""Filling a provider's template: four placeholders, and no value can become anything but a value."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, quote

_PLACEHOLDER: Final = re.compile(r"\{(to|from|text|id)\}")
_OTHER: Final = re.compile(r"\{([a-z_]*)\}")
_NEEDED: Final = ("to", "text")
_HARD: Final = 'a"b\\c&d=e\n{text}%'
"""What a careless filling would let out of its place."""


class Form(StrEnum):
    """How a request's body is written."""

    JSON = "json"
    QUERY = "query"
    """As a web form: ``To={to}&Body={text}``."""


CONTENT_TYPES: Final = {
    Form.JSON: "application/json; charset=utf-8",
    Form.QUERY: "application/x-www-form-urlencoded",
}


def checked(template: str, form: Form) -> str:
    """Return a template that can be filled.

    Raises:
        ValueError: it has an unknown placeholder, lacks one that is needed, or is not of that form once filled.
    """
    unknown = {name for name in _OTHER.findall(template) if name not in {"to", "from", "text", "id", ""}}
    if unknown:
        raise ValueError(f"the template knows {{to}}, {{from}}, {{text}} and {{id}}, not {{{min(unknown)}}}")
    for name in _NEEDED:
        if f"{{{name}}}" not in template:
            raise ValueError(f"the template has no {{{name}}}")
    body = filled(template, form, dict.fromkeys(("to", "from", "text", "id"), _HARD))
    if form is Form.JSON:
        try:
            json.loads(body)
        except ValueError:
            raise ValueError("the template is not JSON: placeholders stand inside quotation marks") from None
    elif not any(value == _HARD for _, value in parse_qsl(body, keep_blank_values=True)):
        raise ValueError("the template is no web form: name={text}, joined by &")
    return template


def filled(template: str, form: Form, values: Mapping[str, str]) -> str:
    """Put values in their places, once: what a value holds is not looked at again."""
    write = _in_json if form is Form.JSON else _in_query
    return _PLACEHOLDER.sub(lambda found: write(values[found[1]]), template)


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _in_query(text: str) -> str:
    return quote(text, safe="")
