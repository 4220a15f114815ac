"""Turning what there is to show into pages: everything that came from outside is made harmless in one place."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from integration.audit.entry import text_of
from integration.console.access import ROUTES, Caller, allowed
from integration.console.login import Known
from integration.console.parts import Parts
from integration.console.people import Rules
from integration.domain.instants import NEVER, SECOND, Duration, Instant
from integration.services.plain import PLAIN, duration, local_time
from schemas.kinds import Rule

_HERE: Final = Path(__file__).parent
LONGEST: Final = 2000
"""Characters of one text on a page."""
LONGEST_WHOLE: Final = 65_536
"""Of a message or input that is shown as it came."""
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".txt": "text/plain"}
_KEPT: Final = frozenset("\n\t")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def inert(text: str, longest: int = LONGEST) -> str:
    """Make a text harmless to look at: characters that hide or turn others around are told by number."""
    told = all_shown(text[:longest])
    return told if len(text) <= longest else f"{told} … ({len(text)} characters)"


def all_shown(text: str) -> str:
    """Return a text with every character told by number that hides, or turns others around."""
    if text.isprintable():
        return text  # As nearly all are, and this is found out a hundred times as fast.
    return "".join(
        character
        if character in _KEPT or unicodedata.category(character) not in _HIDDEN
        else f"⟨U+{ord(character):04X}⟩"
        for character in text
    )


def _finalize(value: Any) -> Any:
    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that pages refer to."""

    content: bytes
    media_type: str
    digest: str


def static_files() -> dict[str, StaticFile]:
    """Read them all: nothing else is ever served from the disk."""
    found = {}
    for path in sorted((_HERE / "static").iterdir()):
        content = path.read_bytes()
        found[path.name] = StaticFile(content, _TYPES[path.suffix], sha256(content).hexdigest()[:12])
    return found


class Pages:
    """Renders templates."""

    def __init__(self, parts: Parts) -> None:
        """Args: ``parts`` tells site and zones."""
        self._parts = parts
        self.files = static_files()
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {
            "when": self.when,
            "stamp": self.stamp,
            "long": long,
            "whole": whole,
            "rule": rule_words,
            "exact": exact,
            "words": words,
            "sentence": sentence,
        }
        self._templates.globals |= {
            "site": parts.settings.site.name,
            "demo": parts.demo,
            "static": self._static,
        }

    def _static(self, name: str) -> str:
        return f"/static/{name}?{self.files[name].digest}"

    def when(self, instant: Instant | None, source: str | None = None) -> str:
        """Tell an instant in a facility's time."""
        if instant is None or instant >= NEVER:
            return "not known"
        zone = self._parts.site_zone if not source else self._parts.zone_of(source)
        return local_time(text_of(instant), zone)

    def stamp(self, instant: Instant | None, source: str | None = None) -> Markup:
        """Tell an instant in one piece: in tables it is not broken over lines."""
        return Markup('<span class="t">{}</span>').format(self.when(instant, source))

    def part(self, template: str, **values: Any) -> str:
        """Render a part of a page."""
        return self._templates.get_template(template).render(now=self._parts.now(), **values)

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        """Render a page."""
        caller: Caller | None = getattr(request.state, "caller", None)
        known: Known | None = getattr(request.state, "known", None)
        rules = self._parts.door.rules
        common: dict[str, Any] = {
            "caller": caller,
            "csrf": "" if caller is None else caller.csrf,
            "nav": [] if known is None else list(links(known)),
            "path": request.url.path,
            "fresh": known is not None and known.session is not None and self._parts.door.is_fresh(known.session),
            "may": (lambda _method, _path: False) if known is None else _asker(known),
            **_ending(known, rules),
        }
        return HTMLResponse(self.part(template, **{**common, **values}), status)


def _ending(known: Known | None, rules: Rules) -> dict[str, Any]:
    """Return when a session ends by itself, and whether it ends then in any case."""
    if known is None or known.session is None:
        return {"over_at": None, "in_any_case": False}
    # A page that loads itself is nobody's being there: what counts is when somebody was.
    idle, last = known.session.seen_at + rules.idle, known.session.opened_at + rules.longest
    return (
        {"over_at": last, "in_any_case": True}
        if known.screen_only or last <= idle
        else {"over_at": idle, "in_any_case": False}
    )


_NAV: Final = (
    ("/board", "Board"),
    ("/papers", "Papers"),
    ("/quarantine", "Quarantine"),
    ("/duties", "Duties"),
    ("/complaints", "Complaints"),
    ("/audit", "Audit"),
    ("/reports", "Reports"),
    ("/policy", "Policy"),
    ("/deadletters", "Dead letters"),
    ("/health", "Health"),
    ("/users", "Users"),
    ("/wall", "Wall"),
)


def links(known: Known) -> Iterable[tuple[str, str]]:
    """Yield the pages that somebody may open."""
    return ((path, name) for path, name in _NAV if allowed(known.grants, ROUTES[("GET", path)]))


def _asker(known: Known) -> Any:
    """Return what templates ask before they show a form."""
    return lambda method, path: allowed(known.grants, ROUTES[(method, path)])


def long(length: Duration) -> str:
    """Tell a length of time in microseconds."""
    return duration(max(0, length) // SECOND)


def whole(text: str) -> Markup:
    """Return a long text, as harmless as any."""
    # Lines of mail end with both characters: that hides nothing. A return alone does, and is told.
    return escape(inert(text.replace("\r\n", "\n"), LONGEST_WHOLE))


def exact(value: object) -> Markup:
    """Return what a form sends back: the very text, though no page's source holds a character that hides."""
    told = str(escape(value))
    return Markup("".join(each if each.isprintable() else f"&#{ord(each)};" for each in told))  # noqa: S704  escaped


def words(text: object) -> str:
    """Tell a name of the program's own, or several of them, as words."""
    if isinstance(text, tuple | list | frozenset):
        return ", ".join(map(words, sorted(text) if isinstance(text, frozenset) else text)) or "none"
    return "none" if text is None or text == "" else str(text).replace("_", " ")


def sentence(text: str) -> str:
    """Write what went wrong as a sentence."""
    return f"{text[:1].upper()}{text[1:]}{'' if text[-1:] in '.:?' else '.'}"


def rule_words(rule: str) -> str:
    """Tell a rule in plain words."""
    return PLAIN[Rule(rule)]


_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # noqa: RUF001  full width, as meant
"""What begins one (OWASP, CSV injection)."""


def neutral_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula (CWE-1236), and that reads as it is written."""
    shown = all_shown(text)
    return f"'{shown}" if text.startswith(_FORMULA) else shown


def flat(detail: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str]]:
    """Yield a nested record as lines of key and text."""
    for key, value in detail.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{key}.")
        elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
            for number, each in enumerate(value):
                yield from flat({str(number): each}, f"{before}{key}.")
        elif isinstance(value, list):
            yield f"{before}{key}", ", ".join(map(str, value))
        else:
            yield f"{before}{key}", "" if value is None else str(value)
