"""The same for programs: the ``data`` of a notice. Without the link, which is a secret of one person."""

from typing import Any

from integration.domain.alerts.said import Case, Said
from integration.services.alertwords.lawbook import Lawbook
from integration.services.alertwords.times import utc


def data_of(said: Said, book: Lawbook) -> dict[str, Any]:
    """Return a notice as JSON values. Times are RFC 3339, UTC; a key is never left out."""
    return {
        "alert": said.alert_id,
        "stage": said.stage.value,
        "exercise": said.drill,
        "site": said.site,
        "facility": said.facility,
        "rule": said.rule.value,
        "severity": said.severity.value,
        "opened_at": utc(said.opened_at),
        "at": utc(said.at),
        "step": said.step,
        "steps": said.steps,
        "repeat": said.repeat,
        "cycle": said.cycle,
        "open": said.open_count,
        "total": said.total,
        "told": list(said.told),
        "next": None
        if said.next_told is None
        else {
            "at": utc(said.next_told.at),
            "receivers": list(said.next_told.receivers),
            "step": said.next_told.step,
        },
        "repeat_at": None if said.repeat_at is None else utc(said.repeat_at),
        "acknowledged": None
        if said.acked is None
        else {"by": said.acked.by, "at": utc(said.acked.at), "until": utc(said.acked.until)},
        "findings": [_finding(case, book) for case in said.cases],
    }


def _finding(case: Case, book: Lawbook) -> dict[str, Any]:
    return {
        "finding_id": case.finding_id,
        "booking": case.booking,
        "rule": case.rule.value,
        "about": case.about,
        "since": utc(case.since),
        "until": None if case.until is None else utc(case.until),
        "raised_at": utc(case.raised_at),
        "state": case.state.value,
        "new": case.new,
        "evidence": list(case.evidence),
        "papers": [
            {
                "hold_id": paper.hold_id,
                "event": paper.event_id,
                "kind": paper.kind,
                "form": paper.form,
                "placed_at": utc(paper.placed_at),
                "expires_at": None if paper.expires_at is None else utc(paper.expires_at),
            }
            for paper in case.papers
        ],
        "missing": [each.value for each in case.missing],
        "provisions": list(case.provisions),
        "pack": case.pack,
        "pack_revision": case.pack_revision,
        "steps": list(book.law(case).steps),
    }
