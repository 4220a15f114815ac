"""From an entry of the audit log to one line for a person. Pure."""

from pathlib import PurePath
from typing import Any, Final

import orjson

from integration.demo.view import Change, Sign
from integration.demo.words import EVENTS, RULES
from integration.services.ports import EntryRow
from schemas.kinds import Rule

_SEVERITY: Final = {"violation": Sign.VIOLATION, "warning": Sign.WARNING, "advice": Sign.ADVICE}


def change_of(row: EntryRow) -> Change | None:
    """Tell what an entry says; None for a sealed one and for kinds that the board does not show."""
    if row.body is None:
        return None
    detail = orjson.loads(row.body)["detail"]
    if row.kind.startswith("finding."):
        return _finding(row, detail)
    if row.kind.endswith(".decided"):
        return _decision(row, detail)
    if row.kind == "input.refused":
        # Only the end of the place: the folder is the same for all.
        place = PurePath(detail["place"]).name
        return Change(row.at, Sign.REFUSED, "", f"bad input kept as dead letter: {detail['reason']}, {place}")
    if row.kind == "event.accepted":
        kind = detail["type"]
        return Change(row.at, Sign.RECORD, row.booking, EVENTS.get(kind, kind) + _form(detail["data"]))
    return None


def loaded(count: int, at: int) -> Change:
    """Tell in one line what came in before anybody looked."""
    return Change(at, Sign.RECORD, "", f"{count} events of the past hours read from the drop folder")


def _form(data: dict[str, Any]) -> str:
    return f": {data['form']} labelled {data['kind']}" if "form" in data else ""


def _finding(row: EntryRow, detail: dict[str, Any]) -> Change:
    rule = Rule(detail["rule"])
    provisions = ", ".join(detail["provisions"])
    text = f"{RULES[rule]} ({provisions})" if provisions else RULES[rule]
    match row.kind, row.outcome:
        case "finding.withdrawn", _:
            return Change(row.at, Sign.WITHDRAWN, row.booking, f"not so after all: {text}")
        case _, "resolved":
            return Change(row.at, Sign.ENDED, row.booking, f"over: {text}")
    rings = rule is Rule.OVERDUE_DETAINER_HOLD and row.kind == "finding.raised"
    return Change(row.at, _SEVERITY[detail["severity"]], row.booking, text, rings=rings)


def _decision(row: EntryRow, detail: dict[str, Any]) -> Change:
    what = row.kind.removesuffix(".decided")
    given_away = ", ".join(detail["categories"]) or what
    text = f"{what} {detail[f'{what}_id']}: {given_away} to {detail['recipient_class'].replace('_', ' ')}"
    text += f" ({', '.join(detail['provisions'])})" if detail["provisions"] else ""
    return Change(row.at, Sign.BLOCKED if row.outcome == "block" else Sign.RECORD, row.booking, text)
