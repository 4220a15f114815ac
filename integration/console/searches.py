"""Searches of the log that somebody keeps: for himself, or for others to use but not to change."""

from dataclasses import dataclass
from secrets import token_hex
from typing import Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from integration.audit.entry import JSON, Entry
from integration.console.access import Caller
from integration.console.common import field, parts_of
from integration.console.filters import FILTERS, told_of, wanted_of
from integration.console.guard import caller_of
from integration.errors import UsageError
from integration.services.ports import Changes
from integration.store.searches import SavedRow, add_search, remove_search

router = APIRouter(include_in_schema=False)
_MOST: Final = 50
_LONGEST_NAME: Final = 80
_LONGEST_FILTER: Final = 200


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search as it is offered."""

    search_id: str
    name: str
    account: str
    own: bool
    shared: bool
    filters: dict[str, str]

    @property
    def address(self) -> str:
        """Where it leads. It finds what whoever opens it may see."""
        return "/audit?" + urlencode(self.filters)


def saved_of(request: Request) -> list[SavedSearch]:
    """Return the caller's own searches, then those that others share with him."""
    parts, caller = parts_of(request), caller_of(request)
    found = []
    for row in parts.registers.saved.of(caller.account):
        said = orjson.loads(parts.vault.open_sealed(row.sealed))
        own, filters = row.account == caller.account, {name: said["filters"].get(name, "") for name in FILTERS}
        if not own and not _open_to(caller, filters["source"], said.get("sources")):
            continue
        used = {name: value for name, value in filters.items() if value}
        found.append(SavedSearch(row.search_id, said["name"], row.account, own, bool(row.shared), used))
    return found


def _open_to(caller: Caller, named: str, sources: list[str] | None) -> bool:
    """Tell whether what somebody else typed may be read: its words may tell of what he saw.

    Args:
        caller: who looks.
        named: the feed that the search is within; empty: none.
        sources: the feeds that its owner saw when he kept it; None: all.
    """
    if named:
        return caller.sees(named)
    return caller.everywhere or (sources is not None and all(map(caller.sees, sources)))


@router.post("/audit/searches")
def save(request: Request) -> Response:
    """Keep a search."""
    given = {each: field(request, each) for each in FILTERS}
    keep_search(request, field(request, "name"), given, shared=field(request, "shared") == "yes")
    return RedirectResponse("/audit", 303)


def keep_search(request: Request, name: str, given: dict[str, str], *, shared: bool) -> str:
    """Keep a search; returns its id. The log tells that somebody did, never what he typed.

    Raises:
        UsageError: it has no name or no filter, or there are too many of his.
        Refused: a time is none.
    """
    parts, caller = parts_of(request), caller_of(request)
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise UsageError(f"a search is kept under a name of up to {_LONGEST_NAME} characters")
    if any(len(each) > _LONGEST_FILTER for each in given.values()):
        raise UsageError(f"a filter has up to {_LONGEST_FILTER} characters")
    if not any(given.values()):
        raise UsageError("there is nothing to keep: search for something first")
    wanted_of(parts, given, caller.sources)
    sources = None if caller.sources is None else sorted(caller.sources)
    said = orjson.dumps({"name": name, "filters": given, "sources": sources})
    row = SavedRow(token_hex(8), caller.account, int(shared), parts.vault.seal(said), parts.now())

    def prepare() -> tuple[list[Entry], Changes]:
        if parts.registers.saved.count(caller.account) >= _MOST:
            raise UsageError(f"nobody keeps more than {_MOST} searches: remove one first")
        detail: dict[str, JSON] = {"search_id": row.search_id, "shared": shared, **told_of(parts, given)}
        entry = parts.pen.entry("search.saved", "saved", caller.actor, detail)
        return [entry], Changes(also=[add_search(row)])

    parts.pen.write(prepare)
    return row.search_id


@router.post("/audit/searches/remove")
def remove(request: Request) -> Response:
    """Forget a search; only whose it is."""
    forget_search(request, field(request, "search_id"))
    return RedirectResponse("/audit", 303)


def forget_search(request: Request, search_id: str) -> None:
    """Forget a search of the caller's own. Raises HTTPException, where he has none of that id."""
    parts, caller = parts_of(request), caller_of(request)

    def prepare() -> tuple[list[Entry], Changes]:
        row = parts.registers.saved.one(search_id)
        if row is None or row.account != caller.account:
            raise HTTPException(404)
        entry = parts.pen.entry("search.removed", "removed", caller.actor, {"search_id": row.search_id})
        return [entry], Changes(also=[remove_search(row)])

    parts.pen.write(prepare)
