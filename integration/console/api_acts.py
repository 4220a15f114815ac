"""For programs: the board, and what is done from it: alerts, duties, papers, complaints."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request
from pydantic import JsonValue

from connectors.manual.form import Act, Form
from integration.audit.entry import text_of
from integration.console import board as boards
from integration.console import complaints, duties, intake
from integration.console.api import Answer
from integration.console.api_bodies import (
    Complaint,
    ComplaintClosed,
    ComplaintNamed,
    DutyDone,
    Paper,
    PaperAct,
    Taken,
)
from integration.console.boarding import Line, board_of
from integration.console.common import parts_of
from integration.console.guard import caller_of
from integration.domain.alerts.alert import mark
from integration.domain.instants import NEVER, Instant
from integration.errors import UsageError
from integration.runners.typing_in import Entered

router = APIRouter(prefix="/api/v1")
Alert = Annotated[str, Path(max_length=200)]


class Shown(Answer):
    """The board: who is kept past release time, what else is open, releases that are near with a paper on file."""

    at: str
    overdue: list[dict[str, JsonValue]]
    others: list[dict[str, JsonValue]]
    acknowledged: list[dict[str, JsonValue]]
    hidden: int
    """Open findings that are not told, because there are too many."""
    releases: list[dict[str, JsonValue]]


class Done(Answer):
    """It is done, and stands in the log."""

    done: bool = True


class PaperEntered(Answer):
    """What became of a paper's form."""

    event: str
    hold_id: str
    known: bool
    """It was on record already: nothing has changed."""
    scan: str
    """SHA-256 of the scan; empty: there is none."""
    doubts: list[str]
    """Where a clock change left the time open: the earlier instant was taken."""


class Registered(Answer):
    """The number of a complaint."""

    complaint: str


class Said(Answer):
    """What a complaint says."""

    source: str
    complaint: str
    kind: str
    office: str
    summary: str
    against: str
    entries: list[int]


def _at(instant: Instant | None) -> str | None:
    return None if instant is None or instant >= NEVER else text_of(instant)


def _line(line: Line) -> dict[str, JsonValue]:
    return {
        "finding": line.finding_id,
        "source": line.source,
        "booking": line.booking,
        "rule": line.rule,
        "severity": line.severity,
        "since": text_of(line.since),
        "until": _at(line.until),
        "provisions": list(line.provisions),
        "alert": line.alert or None,
        "taken_by": line.taken_by or None,
        "acknowledged_at": _at(line.acknowledged_at),
    }


@router.get("/board")
def board(request: Request) -> Shown:
    """Return the board of the account's facilities. A finding's ``alert`` is one that waits for an answer."""
    shown = board_of(parts_of(request), caller_of(request).sources)
    return Shown(
        at=text_of(shown.at),
        overdue=[_line(each) for each in shown.overdue],
        others=[_line(each) for each in shown.others],
        acknowledged=[_line(each) for each in shown.acknowledged],
        hidden=shown.hidden,
        releases=[
            {"source": each.source, "booking": each.booking, "release_at": _at(each.at)} for each in shown.releases
        ],
    )


@router.post("/alerts/{alert}/acknowledge")
def acknowledge(request: Request, alert: Alert, taken: Taken) -> Done:
    """Take an alert on."""
    boards.take_on(request, alert, [mark(each) for each in taken.findings])
    return Done()


@router.post("/duties/done")
def duty_done(request: Request, given: DutyDone) -> Done:
    """Note that a duty is done, where it is a person's to say so. A review of the log is signed instead."""
    duties.mark_done(request, given.duty)
    return Done()


@router.post("/papers")
def paper(request: Request, given: Paper) -> PaperEntered:
    """Enter a paper that arrived by fax. It counts at once."""
    form = Form(
        Act.RECEIVED,
        intake.facility_open(request, given.source),
        given.booking.strip(),
        given.at,
        hold_id=given.hold_id.strip(),
        kind=given.kind,
        form=given.form.strip(),
        expires_at=given.expires_at,
        issuer={name: getattr(given, name).strip() for name in intake.ISSUER},
    )
    return _entered(intake.enter_form(request, form, given.scan, unknown_booking=given.unknown_booking))


@router.post("/papers/about")
def paper_act(request: Request, given: PaperAct) -> PaperEntered:
    """Enter what became of a paper."""
    if given.act is Act.RECEIVED:
        raise UsageError("a paper that was received is entered as one")
    form = Form(
        given.act,
        intake.facility_open(request, given.source),
        given.booking.strip(),
        given.at,
        hold_id=given.hold_id.strip(),
        by=given.by.strip(),
        language=given.language.strip(),
        event_id=given.event_id.strip(),
    )
    return _entered(intake.enter_form(request, form, b"", unknown_booking=given.unknown_booking))


def _entered(done: Entered) -> PaperEntered:
    return PaperEntered(
        event=done.event_id, hold_id=done.hold_id, known=done.known, scan=done.scan, doubts=list(done.doubts)
    )


@router.post("/complaints", status_code=201)
def file(request: Request, given: Complaint) -> Registered:
    """Put a complaint into the register and send it to its office."""
    number = complaints.register(
        request,
        source=given.source,
        number=given.complaint.strip(),
        kind=given.kind.value,
        booking=given.booking.strip(),
        summary=given.summary,
        against=given.against,
        entries=[str(each) for each in given.entries],
        received_at=given.received_at,
    )
    return Registered(complaint=number)


@router.post("/complaints/show")
def show(request: Request, given: ComplaintNamed) -> Said:
    """Return what a complaint says. That somebody read it goes into the log first."""
    named = complaints.named(request, given.source, given.complaint)
    row, said = parts_of(request).registers.complaints.read(*named, caller_of(request).actor)
    return Said(
        source=row.source,
        complaint=row.complaint_id,
        kind=row.kind,
        office=row.office,
        summary=said["summary"],
        against=said["against"],
        entries=orjson.loads(row.entries),
    )


@router.post("/complaints/close")
def close(request: Request, given: ComplaintClosed) -> Done:
    """Record what an investigation came to."""
    named = complaints.named(request, given.source, given.complaint)
    parts_of(request).registers.complaints.close(*named, given.outcome, caller_of(request).actor)
    return Done()
