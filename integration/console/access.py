"""Who may ask for what: one table for every route. With a route that is missing here nothing starts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from integration.store.accounts import Grant


class Role(StrEnum):
    """What somebody is here for."""

    SUPERVISOR = "supervisor"
    """Sees what is wrong now, and takes it on."""
    COMPLIANCE = "compliance"
    """Searches, proves and exports the log; reads refused inputs."""
    APPROVER = "approver"
    """Decides about quarantined messages."""
    AUDITOR = "auditor"
    """From outside, read only."""
    ADMINISTRATOR = "administrator"
    """Accounts, refused inputs, health. Sees no log: who gives rights does not use them."""
    WALL = "wall"
    """A screen on a wall that only shows the board; it stays on (CJISSECPOL 6.0 AC-11, receive-only terminals)."""


class Scope(StrEnum):
    """What a key for a program may be used for."""

    BOARD = "board:read"
    """What pages tell without a word of anybody's: findings, bookings, duties, the register's list."""
    AUDIT = "audit:read"
    EXPORT = "audit:export"
    POLICY = "policy:read"
    ALERTS = "alerts:acknowledge"
    DUTIES = "duties:done"
    PAPERS = "papers:enter"
    COMPLAINTS = "complaints:write"
    COMPLAINTS_SHOW = "complaints:show"
    """What was said: encrypted, and each reading an entry. So are the next two."""
    QUARANTINE_SHOW = "quarantine:show"
    DEADLETTERS_SHOW = "deadletters:show"
    QUARANTINE = "quarantine:read"
    ASK = "quarantine:ask"
    DEADLETTERS = "deadletters:read"
    RESUBMIT = "deadletters:resubmit"
    REVIEW = "audit:review"
    VERIFY = "audit:verify"
    SEARCHES = "searches:write"
    ACCOUNTS = "accounts:read"


@dataclass(frozen=True, slots=True)
class Row:
    """Who may use a route."""

    roles: frozenset[Role] = frozenset()
    """One of these."""
    public: bool = False
    """Nobody need be logged in."""
    whole: bool = False
    """The role has to be held for every facility: what is shown or done belongs to no single one."""
    fresh: bool = False
    """Who asks has shown within the last minutes who he is (CJISSECPOL 6.0 IA-11, privileged functions)."""
    quiet: bool = False
    """Opened by the page itself, so it does not count as somebody being there."""
    scope: Scope | None = None
    """A route of the API: a key with this scope may use it, a browser's session may not."""


_SEES: Final = frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.APPROVER, Role.AUDITOR})
_READS: Final = frozenset({Role.COMPLIANCE, Role.AUDITOR})
_TENDS: Final = frozenset({Role.COMPLIANCE, Role.ADMINISTRATOR})
_HANDLES: Final = frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.APPROVER})
_TYPES_IN: Final = frozenset({Role.SUPERVISOR, Role.COMPLIANCE})
_OWES: Final = frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.AUDITOR})
_ANSWERS: Final = frozenset({Role.COMPLIANCE})
_DECIDES: Final = frozenset({Role.APPROVER})
_RUNS: Final = frozenset({Role.ADMINISTRATOR})
_EVERYBODY: Final = frozenset(Role)
_STAFF: Final = _EVERYBODY - {Role.WALL}

ROUTES: Final[Mapping[tuple[str, str], Row]] = {
    ("GET", "/login"): Row(public=True),
    ("POST", "/login"): Row(public=True),
    ("POST", "/login/provider"): Row(public=True),
    ("GET", "/login/back"): Row(public=True),
    ("GET", "/static/{name}"): Row(public=True),
    ("GET", "/healthz"): Row(public=True),
    ("GET", "/"): Row(_EVERYBODY),
    ("POST", "/logout"): Row(_EVERYBODY),
    ("GET", "/again"): Row(_EVERYBODY),
    ("POST", "/again"): Row(_EVERYBODY),
    ("POST", "/again/provider"): Row(_EVERYBODY),
    ("GET", "/account"): Row(_STAFF),
    ("POST", "/account/password"): Row(_STAFF, fresh=True),
    ("GET", "/board"): Row(_SEES),
    ("GET", "/board/events"): Row(_SEES | {Role.WALL}, quiet=True),
    ("GET", "/wall"): Row(_SEES | {Role.WALL}),
    ("GET", "/booking"): Row(_SEES),
    ("GET", "/health"): Row(_SEES | _RUNS),
    ("GET", "/audit"): Row(_READS),
    ("GET", "/audit/entry/{index}"): Row(_READS),
    ("GET", "/audit/entry/{index}/proof"): Row(_READS),
    ("GET", "/audit/entry/{index}/opened"): Row(_READS),
    ("POST", "/audit/verify"): Row(_READS, whole=True),
    ("POST", "/audit/export"): Row(_READS),
    ("POST", "/audit/searches"): Row(_READS),
    ("POST", "/audit/searches/remove"): Row(_READS),
    ("GET", "/audit/review"): Row(_READS, whole=True),
    ("POST", "/audit/review"): Row(_ANSWERS, whole=True),
    ("GET", "/reports"): Row(_READS),
    ("POST", "/reports"): Row(_READS),
    ("GET", "/reports/reconcile"): Row(_READS),
    ("POST", "/reports/reconcile"): Row(_READS),
    ("GET", "/reports/jobs/{job}"): Row(_READS),
    ("GET", "/reports/jobs/{job}/now"): Row(_READS, quiet=True),
    ("POST", "/reports/{index}/again"): Row(_READS),
    ("GET", "/reports/{index}/file/{form}"): Row(_READS),
    ("GET", "/duties"): Row(_OWES),
    ("POST", "/duties/done"): Row(_TYPES_IN),
    ("GET", "/complaints"): Row(_OWES),
    ("POST", "/complaints"): Row(_TYPES_IN),
    ("POST", "/complaints/show"): Row(_ANSWERS),
    ("POST", "/complaints/close"): Row(_ANSWERS),
    ("POST", "/alerts/ack"): Row(frozenset({Role.SUPERVISOR})),
    ("GET", "/papers"): Row(_TYPES_IN),
    ("POST", "/papers"): Row(_TYPES_IN),
    ("POST", "/papers/about"): Row(_TYPES_IN),
    ("GET", "/quarantine"): Row(_HANDLES),
    ("POST", "/quarantine/show"): Row(_DECIDES),
    ("POST", "/quarantine/ask"): Row(_HANDLES),
    ("POST", "/quarantine/approve"): Row(_DECIDES, fresh=True),
    ("POST", "/quarantine/deny"): Row(_DECIDES, fresh=True),
    ("POST", "/quarantine/withdraw"): Row(_DECIDES, fresh=True),
    ("POST", "/quarantine/settle"): Row(_DECIDES, fresh=True),
    ("GET", "/policy"): Row(_STAFF),
    ("GET", "/policy/{pack}"): Row(_STAFF),
    ("GET", "/policy/{pack}/decide"): Row(_STAFF),
    ("GET", "/deadletters"): Row(_TENDS, whole=True),
    ("POST", "/deadletters/resubmit"): Row(_TENDS, whole=True),
    ("POST", "/deadletters/{number}/show"): Row(_TENDS, whole=True),
    ("POST", "/deadletters/{number}/resubmit"): Row(_TENDS, whole=True),
    ("GET", "/users"): Row(_RUNS, whole=True),
    ("POST", "/users"): Row(_RUNS, whole=True, fresh=True),
    ("GET", "/users/{name}"): Row(_RUNS, whole=True),
    ("POST", "/users/{name}/roles"): Row(_RUNS, whole=True, fresh=True),
    ("POST", "/users/{name}/unlock"): Row(_RUNS, whole=True, fresh=True),
    ("POST", "/users/{name}/disable"): Row(_RUNS, whole=True, fresh=True),
    ("POST", "/users/{name}/enable"): Row(_RUNS, whole=True, fresh=True),
    ("POST", "/users/{name}/logout"): Row(_RUNS, whole=True, fresh=True),
    ("GET", "/api/v1/openapi.json"): Row(_STAFF, scope=Scope.BOARD),
    ("GET", "/api/v1/findings"): Row(_SEES, scope=Scope.BOARD),
    ("GET", "/api/v1/bookings/timeline"): Row(_SEES, scope=Scope.BOARD),
    ("GET", "/api/v1/health"): Row(_SEES | _RUNS, scope=Scope.BOARD),
    ("GET", "/api/v1/entries"): Row(_READS, scope=Scope.AUDIT),
    ("GET", "/api/v1/entries/{index}"): Row(_READS, scope=Scope.AUDIT),
    ("GET", "/api/v1/entries/{index}/proof"): Row(_READS, scope=Scope.EXPORT),
    ("GET", "/api/v1/packs"): Row(_STAFF, scope=Scope.POLICY),
    ("GET", "/api/v1/packs/{pack}/compare/{other}"): Row(_STAFF, scope=Scope.POLICY),
    ("GET", "/api/v1/packs/{pack}/decide/{action}"): Row(_STAFF, scope=Scope.POLICY),
    ("GET", "/api/v1/export"): Row(_READS, scope=Scope.EXPORT),
    ("GET", "/api/v1/reports"): Row(_READS, scope=Scope.AUDIT),
    ("POST", "/api/v1/reports"): Row(_READS, scope=Scope.EXPORT),
    ("POST", "/api/v1/reconciliations"): Row(_READS, scope=Scope.EXPORT),
    ("GET", "/api/v1/reports/jobs/{job}"): Row(_READS, scope=Scope.EXPORT),
    ("POST", "/api/v1/reports/{index}/again"): Row(_READS, scope=Scope.EXPORT),
    ("GET", "/api/v1/reports/{index}/files/{form}"): Row(_READS, scope=Scope.EXPORT),
    ("GET", "/api/v1/duties"): Row(_OWES, scope=Scope.BOARD),
    ("GET", "/api/v1/complaints"): Row(_OWES, scope=Scope.BOARD),
    ("GET", "/api/v1/reviews"): Row(_READS, whole=True, scope=Scope.AUDIT),
    ("GET", "/api/v1/board"): Row(_SEES, scope=Scope.BOARD),
    ("POST", "/api/v1/alerts/{alert}/acknowledge"): Row(frozenset({Role.SUPERVISOR}), scope=Scope.ALERTS),
    ("POST", "/api/v1/duties/done"): Row(_TYPES_IN, scope=Scope.DUTIES),
    ("POST", "/api/v1/papers"): Row(_TYPES_IN, scope=Scope.PAPERS),
    ("POST", "/api/v1/papers/about"): Row(_TYPES_IN, scope=Scope.PAPERS),
    ("POST", "/api/v1/complaints"): Row(_TYPES_IN, scope=Scope.COMPLAINTS),
    ("POST", "/api/v1/complaints/show"): Row(_ANSWERS, scope=Scope.COMPLAINTS_SHOW),
    ("POST", "/api/v1/complaints/close"): Row(_ANSWERS, scope=Scope.COMPLAINTS),
    ("GET", "/api/v1/quarantine"): Row(_HANDLES, scope=Scope.QUARANTINE),
    ("POST", "/api/v1/quarantine/{message}/show"): Row(_DECIDES, scope=Scope.QUARANTINE_SHOW),
    ("POST", "/api/v1/quarantine/{message}/ask"): Row(_HANDLES, scope=Scope.ASK),
    ("GET", "/api/v1/deadletters"): Row(_TENDS, whole=True, scope=Scope.DEADLETTERS),
    ("POST", "/api/v1/deadletters/resubmit"): Row(_TENDS, whole=True, scope=Scope.RESUBMIT),
    ("POST", "/api/v1/deadletters/{number}/show"): Row(_TENDS, whole=True, scope=Scope.DEADLETTERS_SHOW),
    ("POST", "/api/v1/deadletters/{number}/resubmit"): Row(_TENDS, whole=True, scope=Scope.RESUBMIT),
    ("GET", "/api/v1/entries/{index}/opened"): Row(_READS, scope=Scope.EXPORT),
    ("GET", "/api/v1/verification"): Row(_READS, whole=True, scope=Scope.AUDIT),
    ("POST", "/api/v1/verification"): Row(_READS, whole=True, scope=Scope.VERIFY),
    ("POST", "/api/v1/reviews"): Row(_ANSWERS, whole=True, scope=Scope.REVIEW),
    ("GET", "/api/v1/searches"): Row(_READS, scope=Scope.AUDIT),
    ("POST", "/api/v1/searches"): Row(_READS, scope=Scope.SEARCHES),
    ("DELETE", "/api/v1/searches/{search}"): Row(_READS, scope=Scope.SEARCHES),
    ("GET", "/api/v1/packs/{pack}"): Row(_STAFF, scope=Scope.POLICY),
    ("GET", "/api/v1/accounts"): Row(_RUNS, whole=True, scope=Scope.ACCOUNTS),
    ("GET", "/api/v1/accounts/{name}"): Row(_RUNS, whole=True, scope=Scope.ACCOUNTS),
}
"""(method, path) of every route. HEAD is not served."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and for which facilities the asked route is open to him."""

    account: str
    roles: frozenset[Role]
    """All of them, wherever they are held."""
    sources: frozenset[str] | None
    """Feeds of the facilities at which one of the route's roles is held; None: all."""
    session: bytes | None = None
    """Hash of the session's id; None: a program with a key."""
    token_id: str = ""
    csrf: str = ""

    @property
    def actor(self) -> str:
        """As entries of the log name him."""
        return f"program:{self.account}/{self.token_id}" if self.token_id else f"officer:{self.account}"

    @property
    def everywhere(self) -> bool:
        """Whether every facility is open to him."""
        return self.sources is None

    def sees(self, source: str) -> bool:
        """Tell whether a feed's facility is open to him. What belongs to no facility is for those who see all."""
        return self.sources is None or source in self.sources


def sources_of(grants: Iterable[Grant], row: Row) -> frozenset[str] | None:
    """Return the feeds for which one of a row's roles is held; None: for all. Empty: the route is closed."""
    held = {grant.source for grant in grants if grant.role in row.roles}
    return None if "" in held else frozenset(held)


def allowed(grants: Iterable[Grant], row: Row) -> bool:
    """Tell whether somebody with these roles may use a route."""
    sources = sources_of(grants, row)
    return sources is None or (bool(sources) and not row.whole)


def unmatched(served: Iterable[tuple[str, str]]) -> list[str]:
    """Return the routes that have no row, and the rows that have no route."""
    there = set(served)
    without_row = [f"{method} {path} has no row" for method, path in sorted(there - set(ROUTES))]
    return without_row + [f"{method} {path} has no route" for method, path in sorted(set(ROUTES) - there)]
