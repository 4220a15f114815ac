"""What somebody looks for in the log: as it stands in an address or a form, and what the log says of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from integration.audit.entry import JSON
from integration.console.guard import Refused
from integration.console.parts import Parts
from integration.domain.instants import SECOND, Instant
from integration.store.search import Wanted
from schemas.entries import EntryKind
from schemas.kinds import Rule

FILTERS: Final = ("actor", "kind", "rule", "booking", "source", "outcome", "provision", "text", "since", "until")
_CLOSED: Final = ("kind", "rule", "source", "provision")
"""Filters whose value goes into the log, where it is one there is; else only that they were used: people type names."""

Text = Annotated[str, Field(max_length=200)]


class Asked(BaseModel):
    """What somebody looks for, as it stands in the address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    actor: Text = ""
    kind: Text = ""
    rule: Text = ""
    booking: Text = ""
    source: Text = ""
    outcome: Text = ""
    provision: Text = ""
    text: Text = ""
    since: Text = ""
    until: Text = ""
    before: Annotated[int | None, Field(ge=0, lt=2**53)] = None

    def filters(self) -> dict[str, str]:
        """Return the filters; empty: any."""
        return {name: getattr(self, name) for name in FILTERS}


def instant_given(parts: Parts, text: str, source: str = "") -> Instant | None:
    """Read a time that somebody typed, in the facility's zone, or the site's, unless it says another.

    Args:
        parts: the console's.
        text: as somebody typed it.
        source: the feed whose facility's clock it is by; empty: the site's.

    Raises:
        Refused: it is none.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, "a time is written as 2026-03-02T14:00, or with its offset") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=parts.zone_of(source) if source else parts.site_zone)
    return int(moment.timestamp() * SECOND)


def wanted_of(parts: Parts, given: dict[str, str], sources: frozenset[str] | None) -> Wanted:
    """Return what somebody looks for, within what he may see."""
    plain = {name: given.get(name, "") for name in FILTERS if name not in {"since", "until"}}
    since, until = (instant_given(parts, given.get(name, "")) for name in ("since", "until"))
    return Wanted(**plain, since=since, until=until, sources=sources)


def told_of(parts: Parts, given: dict[str, str]) -> dict[str, JSON]:
    """Return what the log says of a search: no text that may be a name."""
    used: list[JSON] = [name for name in FILTERS if given.get(name)]
    closed = {name: given[name] for name in _CLOSED if given.get(name) and given[name] in _known(parts, name)}
    return {"filters": used, "asked": closed}


def _known(parts: Parts, name: str) -> Collection[str]:
    """Return the values of a closed filter that there are."""
    match name:
        case "kind":
            return tuple(EntryKind)
        case "rule":
            return tuple(Rule)
        case "source":
            return tuple(each.source for each in parts.settings.facilities)
    return {number for pack in parts.packs for number in pack.provisions}
