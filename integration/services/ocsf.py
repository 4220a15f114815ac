"""Entries as events of the Open Cybersecurity Schema Framework, for a site's security monitoring.

Source: OCSF schema 1.3.0 (schema.ocsf.io/1.3.0), classes Compliance Finding, Account Change, Authentication, Entity
Management, Application Lifecycle and Datastore Activity. What the schema has no place for stands under ``unmapped``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from integration.services.ports import EntryRow
from schemas.entries import EntryKind as Kind
from schemas.kinds import Severity

VERSION: Final = "1.3.0"
_OTHER: Final = 99
_MILLISECOND: Final = 1000
"""Microseconds."""


class Class(IntEnum):
    """Classes, by ``class_uid``; thousands tell the category."""

    COMPLIANCE_FINDING = 2003
    ACCOUNT_CHANGE = 3001
    AUTHENTICATION = 3002
    ENTITY_MANAGEMENT = 3004
    APPLICATION_LIFECYCLE = 6002
    DATASTORE_ACTIVITY = 6005


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind of entry belongs."""

    of: Class
    activity: int
    what: str = ""
    """The kind of entity that is managed, or the table of the datastore."""


def _finding(activity: int) -> Place:
    return Place(Class.COMPLIANCE_FINDING, activity)


def _entity(what: str, activity: int = 3) -> Place:
    return Place(Class.ENTITY_MANAGEMENT, activity, what)


def _data(what: str, activity: int) -> Place:
    return Place(Class.DATASTORE_ACTIVITY, activity, what)


_CREATE, _READ, _UPDATE, _DELETE = 1, 2, 3, 4
"""Activities of Entity Management."""
_DATA_READ, _DATA_QUERY, _DATA_WRITE, _DATA_DELETE = 1, 4, 5, 7
"""Activities of Datastore Activity."""

PLACES: Final[Mapping[Kind, Place]] = {
    Kind.EVENT_ACCEPTED: _data("events", _DATA_WRITE),
    Kind.EVENT_SET_ASIDE: _data("events", _DATA_DELETE),
    Kind.INPUT_REFUSED: _data("events", _DATA_WRITE),
    Kind.FINDING_RAISED: _finding(1),
    Kind.FINDING_CHANGED: _finding(2),
    Kind.FINDING_RESOLVED: _finding(3),
    Kind.FINDING_REOPENED: _finding(2),
    Kind.FINDING_WITHDRAWN: _finding(3),
    Kind.FINDING_ACKNOWLEDGED: _finding(2),
    Kind.MESSAGE_DECIDED: _entity("message"),
    Kind.ACCESS_DECIDED: _entity("access request"),
    Kind.ASSISTANCE_DECIDED: _entity("assistance request"),
    Kind.MESSAGE_ACCEPTED: _entity("message", _CREATE),
    Kind.MESSAGE_TURNED_AWAY: _entity("message", _CREATE),
    Kind.MESSAGE_CHECKED: _entity("message", _READ),
    Kind.MESSAGE_SENDING: _entity("message"),
    Kind.MESSAGE_SENT: _entity("message"),
    Kind.MESSAGE_REFUSED: _entity("message"),
    Kind.MESSAGE_PUT_OFF: _entity("message"),
    Kind.MESSAGE_UNKNOWN: _entity("message"),
    Kind.MESSAGE_SETTLED: _entity("message"),
    Kind.QUARANTINE_VIEWED: _entity("message", _READ),
    Kind.QUARANTINE_DENIED: _entity("message"),
    Kind.QUARANTINE_EXPIRED: _entity("message"),
    Kind.QUARANTINE_PURGED: _entity("message", _DELETE),
    Kind.APPROVAL_ASKED: _entity("approval", _CREATE),
    Kind.APPROVAL_GRANTED: _entity("approval", _CREATE),
    Kind.APPROVAL_WITHDRAWN: _entity("approval", _DELETE),
    Kind.ALERT_OPENED: _entity("alert", _CREATE),
    Kind.ALERT_QUEUED: _entity("alert"),
    Kind.ALERT_SENT: _entity("alert"),
    Kind.ALERT_FAILED: _entity("alert"),
    Kind.ALERT_ACKNOWLEDGED: _entity("alert"),
    Kind.ALERT_CLOSED: _entity("alert", _DELETE),
    Kind.ALERT_SILENCED: _entity("silence", _CREATE),
    Kind.ALERT_UNSILENCED: _entity("silence", _DELETE),
    Kind.ALERT_DRILLED: _entity("alert"),
    Kind.ALERT_TESTED: _entity("alert"),
    Kind.DUTY_DONE: _entity("duty"),
    Kind.DEADLETTER_READ: _data("dead letters", _DATA_READ),
    Kind.DEADLETTER_RESUBMITTED: _data("dead letters", _DATA_WRITE),
    Kind.SCAN_READ: _data("scans of papers", _DATA_READ),
    Kind.ENTRY_SEALED: _data("audit log", _DATA_DELETE),
    Kind.AUDIT_READ: _data("audit log", _DATA_QUERY),
    Kind.AUDIT_EXPORTED: _data("audit log", _DATA_READ),
    Kind.AUDIT_VERIFIED: _data("audit log", _OTHER),
    Kind.AUDIT_REVIEWED: _data("audit log", _OTHER),
    Kind.SEARCH_SAVED: _entity("saved search", _CREATE),
    Kind.SEARCH_REMOVED: _entity("saved search", _DELETE),
    Kind.COMPLAINT_FILED: _entity("complaint", _CREATE),
    Kind.COMPLAINT_READ: _entity("complaint", _READ),
    Kind.COMPLAINT_CLOSED: _entity("complaint"),
    Kind.REPORT_MADE: _entity("report", _CREATE),
    Kind.REPORT_COMPARED: _entity("report", _READ),
    Kind.REPORT_FILED: _entity("report", _CREATE),
    Kind.REPORT_DELIVERED: _entity("report"),
    Kind.KEY_ROTATED: _entity("key"),
    Kind.BACKUP_MADE: _data("backup", _DATA_READ),
    Kind.BACKUP_RESTORED: _data("backup", _DATA_WRITE),
    Kind.SOURCE_DIFFERENCE: _finding(1),
    Kind.SERVICE_STARTED: Place(Class.APPLICATION_LIFECYCLE, 3),
    Kind.SERVICE_STOPPED: Place(Class.APPLICATION_LIFECYCLE, 4),
    Kind.SESSION_OPENED: Place(Class.AUTHENTICATION, 1),
    Kind.SESSION_PROVEN: Place(Class.AUTHENTICATION, 1),
    Kind.SESSION_CLOSED: Place(Class.AUTHENTICATION, 2),
    Kind.LOGIN_REFUSED: Place(Class.AUTHENTICATION, 1),
    Kind.ACCOUNT_CREATED: Place(Class.ACCOUNT_CHANGE, 1),
    Kind.ACCOUNT_CHANGED: Place(Class.ACCOUNT_CHANGE, _OTHER),
    Kind.ACCOUNT_LOCKED: Place(Class.ACCOUNT_CHANGE, 9),
    Kind.ACCOUNT_UNLOCKED: Place(Class.ACCOUNT_CHANGE, 2),
    Kind.TOKEN_CREATED: Place(Class.ACCOUNT_CHANGE, 10),
    Kind.TOKEN_REVOKED: Place(Class.ACCOUNT_CHANGE, 11),
}
"""Every kind of entry."""

_ACCOUNT_ACTS: Final = {"enabled": 2, "password_set": 4, "disabled": 5, "roles_set": 7, "code_set": 10}
"""Activities of Account Change, by the outcome of ``account.changed``."""
_FAILURES: Final = frozenset({"refused", "failed", "block", "denied", "not_verified", "differs"})
_SUCCESS, _FAILURE = 1, 2
_SEVERITIES: Final = {Severity.ADVICE.value: 2, Severity.WARNING.value: 3, Severity.VIOLATION.value: 4}
_INFORMATIONAL: Final = 1
_IDS: Final = ("message_id", "access_id", "assistance_id", "alert_id", "approval_id", "silence_id", "complaint_id",
               "duty", "search_id", "entry", "report")  # fmt: skip
"""Fields of a detail that tell which entity it is about."""


@dataclass(frozen=True, slots=True)
class Log:
    """The log that entries are from."""

    origin: str
    size: int
    root: str
    product_version: str


def event_of(row: EntryRow, entry: Mapping[str, Any], log: Log) -> dict[str, Any]:
    """Return an entry as an OCSF event. Times are milliseconds since the epoch, UTC; the entry's own text keeps more.

    Args:
        row: the entry's row.
        entry: its body, read.
        log: whose root the export carries.
    """
    kind, detail = Kind(row.kind), entry["detail"]
    place = PLACES[kind]
    activity = _ACCOUNT_ACTS.get(row.outcome, place.activity) if kind is Kind.ACCOUNT_CHANGED else place.activity
    failed = row.outcome in _FAILURES
    unmapped = {"kind": row.kind, "outcome": row.outcome, "leaf_index": row.leaf_index, "log_size": log.size}
    unmapped |= {"leaf_hash": row.leaf_hash.hex(), "log_root": log.root, "detail": detail}
    for name in ("source", "booking", "pack", "pack_revision"):
        if entry[name]:
            unmapped[name] = entry[name]
    told: dict[str, Any] = {
        "class_uid": int(place.of),
        "category_uid": place.of // 1000,
        "activity_id": activity,
        "type_uid": place.of * 100 + activity,
        "severity_id": _SEVERITIES.get(str(detail.get("severity")), _INFORMATIONAL),
        "status_id": _FAILURE if failed else _SUCCESS,
        "time": row.at // _MILLISECOND,
        "message": f"{row.kind}: {row.outcome}",
        "metadata": {
            "version": VERSION,
            "product": {"name": "holdwatch", "vendor_name": "holdwatch", "version": log.product_version},
            "uid": row.leaf_hash.hex(),
            "sequence": row.leaf_index,
            "log_name": log.origin,
            "event_code": row.kind,
            "original_time": entry["at"],
        },
        "actor": {"user": {"name": entry["actor"]}} if place.of is not Class.COMPLIANCE_FINDING else None,
        **_of_class(place, row, entry),
        "unmapped": unmapped,
    }
    if activity == _OTHER:
        told["activity_name"] = row.kind
    return {name: value for name, value in told.items() if value is not None}


def _of_class(place: Place, row: EntryRow, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a class asks for besides what all have."""
    detail = entry["detail"]
    match place.of:
        case Class.COMPLIANCE_FINDING:
            uid = str(detail.get("finding_id") or row.leaf_hash.hex())
            provisions = [str(each) for each in detail.get("provisions") or ()]
            return {
                "finding_info": {"uid": uid, "title": str(detail.get("rule") or row.kind)},
                "compliance": {"standards": [entry["pack"] or "holdwatch"], "requirements": provisions},
            }
        case Class.ACCOUNT_CHANGE | Class.AUTHENTICATION:
            account = detail.get("account")
            user = {"user": {"name": account if isinstance(account, str) and account else entry["actor"]}}
            return user if place.of is Class.ACCOUNT_CHANGE else {**user, "service": {"name": "holdwatch console"}}
        case Class.ENTITY_MANAGEMENT:
            uid = next((str(detail[name]) for name in _IDS if detail.get(name) is not None), row.leaf_hash.hex())
            return {"entity": {"type": place.what, "uid": uid, "name": f"{place.what} {uid}"}}
        case Class.APPLICATION_LIFECYCLE:
            return {"app": {"name": "holdwatch", "vendor_name": "holdwatch"}}
        case Class.DATASTORE_ACTIVITY:
            return {"table": {"name": place.what}, "type_id": 3, "src_endpoint": {"name": entry["place"]}}
