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
from integration.console.common import field, parts_of
from integration.console.filters import FILTERS, told_of, wanted_of
from integration.console.guard import caller_of
from integration.errors import UsageError
from integration.services.ports import Changes
from integration.store.searches import SavedRow, add_search, remove_search

router = APIRouter(include_in_schema=False)
_MOST: Final = 50
_LONGEST_NAME: Final = 80


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
    """Return the caller's own searches, then those that others share."""
    parts, caller = parts_of(request), caller_of(request)
    found = []
    for row in parts.registers.saved.of(caller.account):
        said = orjson.loads(parts.vault.open_sealed(row.sealed))
        own, filters = row.account == caller.account, {name: said["filters"].get(name, "") for name in FILTERS}
        used = {name: value for name, value in filters.items() if value}
        found.append(SavedSearch(row.search_id, said["name"], row.account, own, bool(row.shared), used))
    return found


@router.post("/audit/searches")
def save(request: Request) -> Response:
    """Keep a search. The log tells that somebody did, never what he typed."""
    parts, caller = parts_of(request), caller_of(request)
    name = field(request, "name").strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise UsageError(f"a search is kept under a name of up to {_LONGEST_NAME} characters")
    given = {each: field(request, each)[:200] for each in FILTERS}
    if not any(given.values()):
        raise UsageError("there is nothing to keep: search for something first")
    wanted_of(parts, given, caller.sources)
    shared = field(request, "shared") == "yes"
    said = orjson.dumps({"name": name, "filters": given})
    row = SavedRow(token_hex(8), caller.account, int(shared), parts.vault.seal(said), parts.now())

    def prepare() -> tuple[list[Entry], Changes]:
        if parts.registers.saved.count(caller.account) >= _MOST:
            raise UsageError(f"nobody keeps more than {_MOST} searches: remove one first")
        detail: dict[str, JSON] = {"search_id": row.search_id, "shared": shared, **told_of(given)}
        entry = parts.pen.entry("search.saved", "saved", caller.actor, detail)
        return [entry], Changes(also=[add_search(row)])

    parts.pen.write(prepare)
    return RedirectResponse("/audit", 303)


@router.post("/audit/searches/remove")
def remove(request: Request) -> Response:
    """Forget a search; only whose it is."""
    parts, caller = parts_of(request), caller_of(request)
    search_id = field(request, "search_id")

    def prepare() -> tuple[list[Entry], Changes]:
        row = parts.registers.saved.one(search_id)
        if row is None or row.account != caller.account:
            raise HTTPException(404)
        entry = parts.pen.entry("search.removed", "removed", caller.actor, {"search_id": row.search_id})
        return [entry], Changes(also=[remove_search(row)])

    parts.pen.write(prepare)
    return RedirectResponse("/audit", 303)
