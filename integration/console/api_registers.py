"""For programs: reports, exports, duties, complaints, reviews, and how policies differ."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.responses import Response

from integration.audit.entry import text_of
from integration.console import reconciling, reports
from integration.console.api import Answer, Wrong
from integration.console.api_bodies import Base64
from integration.console.audit import exported
from integration.console.common import parts_of
from integration.console.complaints import received, registered
from integration.console.duties import owed
from integration.console.exporting import Form
from integration.console.filters import Asked
from integration.console.guard import caller_of
from integration.console.making import Job
from integration.console.policy import decided, pack_named
from integration.console.reviewing import counts_of, past_reviews
from integration.domain.instants import Instant
from integration.policy import report
from integration.policy.contexts import Action
from integration.reports.asked import Format, ReportKind
from integration.reports.filing import MEDIA

router = APIRouter(prefix="/api/v1")
Index = Annotated[int, Path(ge=0, lt=2**53)]
Name = Annotated[str, Path(max_length=200)]
_FILES: dict[int | str, dict[str, Any]] = {
    410: {"model": Wrong, "description": "the file is no longer kept: have the report made again"},
    200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA.values()}},
}
_EXPORTS: dict[int | str, dict[str, Any]] = {
    413: {"model": Wrong, "description": "more entries were found than a workbook is made of"},
    200: {"content": {media: {} for media in ("text/csv", "application/jsonl", MEDIA[Format.XLSX])}},
}


class ReportAsked(BaseModel):
    """A report to be made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["council", "parity", "holds", "gate"]
    facility: Annotated[str, Field(max_length=200)] = ""
    """A feed; empty: all of them together."""
    first: Annotated[str, Field(max_length=10)]
    """The first day."""
    last: Annotated[str, Field(max_length=10)]
    """The last day, which belongs to the period."""
    columns: Annotated[str, Field(max_length=200)] = ""
    public: bool = False
    below: Annotated[int | None, Field(ge=0, lt=10**6)] = None
    formats: Annotated[list[Format], Field(min_length=1, max_length=5)]


class ReconciliationAsked(BaseModel):
    """Lists to be laid beside the log: CSV files in base64, as they are; empty: not given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    facility: Annotated[str, Field(max_length=200)] = ""
    """A feed; empty: all of them together."""
    first: Annotated[str, Field(max_length=10)]
    """The first day."""
    last: Annotated[str, Field(max_length=10)]
    """The last day, which belongs to the period."""
    ice: Base64 = b""
    """ICE's own detainer export."""
    paper: Base64 = b""
    """The paper log: received, form, booking, hold_id."""
    crosswalk: Base64 = b""
    """Which booking an identifier of ICE's export is."""
    days: Annotated[int, Field(ge=0, le=31)] = 1
    """By how many days the lists may differ from the log."""
    list_facility: Annotated[str, Field(max_length=200)] = ""
    """The only facility of ICE's export that is looked at; empty: every row."""
    formats: Annotated[list[Format], Field(min_length=1, max_length=5)]


class ReportJob(Answer):
    """How far a report is. ``report`` is the entry that tells of it; ``changed`` the formats that differ."""

    job: str
    state: str
    read: int
    of: int
    report: int | None
    changed: list[str]
    why: str


class Reports(Answer):
    """Reports that were made or filed, newest first."""

    reports: list[dict[str, JsonValue]]


class Duties(Answer):
    """What is owed, by due time; ``reading``: the log is still being read for the list."""

    reading: bool
    duties: list[dict[str, JsonValue]]


class Complaints(Answer):
    """The register, the open ones first; ``received``: brought by feeds and not sent to an office."""

    complaints: list[dict[str, JsonValue]]
    received: list[dict[str, JsonValue]]


class Reviews(Answer):
    """The next review of the log, and those that were signed, newest first."""

    due_at: str
    since: str
    to_look_at: dict[str, dict[str, dict[str, int]]]
    """What there is to look at: of each group the kinds of entries, their outcomes, how many."""
    signed: list[dict[str, JsonValue]]


class Comparison(Answer):
    """Where two packs differ."""

    a: dict[str, str]
    b: dict[str, str]
    decisions: list[dict[str, JsonValue]]
    parameters: list[dict[str, JsonValue]]
    provisions: list[dict[str, str]]


class Decided(Answer):
    """What a pack decides in chosen circumstances."""

    permit: bool
    reasons: list[str]
    provisions: list[str]
    policies: list[str]


def _job(job: Job) -> ReportJob:
    return ReportJob(
        job=job.job_id,
        state=job.state.value,
        read=job.read,
        of=job.size,
        report=job.index,
        changed=list(job.changed),
        why=job.why,
    )


def _at(instant: Instant | None) -> str | None:
    return None if instant is None else text_of(instant)


@router.get("/reports")
def list_reports(request: Request) -> Reports:
    """Return the reports of the account's facilities."""
    told: list[dict[str, JsonValue]] = [
        {
            "report": each.index,
            "at": text_of(each.at),
            "filed": each.filed,
            "asked": each.asked.detail(),
            "files": {form.value: digest for form, digest in each.digests.items()},
        }
        for each in reports.listed(request)
    ]
    return Reports(reports=told)


@router.post("/reports", status_code=202)
def make_report(request: Request, asked: ReportAsked) -> ReportJob:
    """Begin to make one; the log tells of it when it is made."""
    job = reports.begin(
        request,
        kind=ReportKind(asked.kind).value,
        facility=asked.facility,
        columns=asked.columns,
        first=asked.first,
        last=asked.last,
        public=asked.public,
        below="" if asked.below is None else str(asked.below),
        forms=[form.value for form in asked.formats],
    )
    return _job(job)


@router.post("/reconciliations", status_code=202)
def reconcile(request: Request, asked: ReconciliationAsked) -> ReportJob:
    """Begin to lay other people's lists beside the log's requests. The lists are not kept."""
    job = reconciling.begin_reconciliation(
        request,
        facility=asked.facility,
        first=asked.first,
        last=asked.last,
        lists={name: getattr(asked, name) for name in reconciling.LISTS},
        days=str(asked.days),
        list_facility=asked.list_facility,
        forms=[form.value for form in asked.formats],
    )
    return _job(job)


@router.get("/reports/jobs/{job}")
def report_job(request: Request, job: Name) -> ReportJob:
    """Return how far one is."""
    return _job(reports.job_of(request, job))


@router.post("/reports/{index}/again", status_code=202)
def again(request: Request, index: Index) -> ReportJob:
    """Begin to make one again and compare it, byte for byte."""
    found = reports.readable(request, index)
    return _job(reports.jobs_of(request).compare(index, found.source, caller_of(request).actor))


@router.get("/reports/{index}/files/{form}", response_class=Response, responses=_FILES)
def report_file(request: Request, index: Index, form: Format) -> Response:
    """Return a report in one format. That somebody took it goes into the log first."""
    name, content = reports.taken(request, index, form.value)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)


class ExportAsked(Asked):
    """What is looked for, and how it is written."""

    format: Form = Form.JSONL


@router.get("/export", response_class=Response, responses=_EXPORTS)
def export(request: Request, asked: Annotated[ExportAsked, Query()]) -> Response:
    """Return every entry that is found, with the log's root. That somebody did goes into the log first."""
    return exported(request, asked.filters(), asked.format)


@router.get("/duties")
def duties(request: Request) -> Duties:
    """Return what is owed at the account's facilities."""
    found = owed(request)
    told: list[dict[str, JsonValue]] = [
        {
            "duty": each.duty_id,
            "kind": each.kind.value,
            "source": each.source,
            "booking": each.booking,
            "about": each.about,
            "due_at": _at(each.due_at),
            "rests_on": list(each.rests_on),
        }
        for each in found or ()
    ]
    return Duties(reading=found is None, duties=told)


@router.get("/complaints")
def complaints(request: Request) -> Complaints:
    """Return the register: never what a complaint says."""
    register: list[dict[str, JsonValue]] = [
        {
            "source": row.source,
            "complaint": row.complaint_id,
            "kind": row.kind,
            "office": row.office,
            "booking": row.booking,
            "received_at": text_of(row.received_at),
            "outcome": row.outcome or None,
            "closed_at": _at(row.closed_at),
        }
        for row in registered(request)
    ]
    brought: list[dict[str, JsonValue]] = [
        {"source": each.source, "complaint": each.complaint_id, "received_at": text_of(each.at), "entry": each.index}
        for each in received(request)
    ]
    return Complaints(complaints=register, received=brought)


@router.get("/reviews")
def reviews(request: Request) -> Reviews:
    """Return when the log is to be reviewed, and who has."""
    parts = parts_of(request)
    due = parts.registers.reviews.due()
    signed: list[dict[str, JsonValue]] = [
        {
            "entry": each.index,
            "at": text_of(each.at),
            "by": each.by,
            "since": text_of(each.since),
            "until": text_of(each.until),
            "looked_at": each.looked_at,
            "result": each.result,
            "reference": each.reference,
        }
        for each in past_reviews(parts)
    ]
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for (looked, kind, outcome), count in counts_of(parts, due.since, parts.now()).items():
        counts.setdefault(looked.value, {}).setdefault(kind, {})[outcome] = count
    return Reviews(due_at=text_of(due.due_at), since=text_of(due.since), to_look_at=counts, signed=signed)


@router.get("/packs/{pack}/compare/{other}")
def compare(request: Request, pack: Name, other: Name) -> Comparison:
    """Return where two packs, or two revisions of one, differ."""
    parts = parts_of(request)
    a, b = pack_named(parts, pack), pack_named(parts, other)
    told = report.diff(a, b)
    return Comparison(
        a={"pack": a.id, "revision": a.revision},
        b={"pack": b.id, "revision": b.revision},
        decisions=[
            {
                "action": action.value,
                "when": {name: list(values) for name, values in row.conditions.items()},
                "a": row.permit_a,
                "b": row.permit_b,
            }
            for action, rows in told.decisions.items()
            for row in rows
        ],
        parameters=[{"key": each.key, "a": _plain(each.a), "b": _plain(each.b)} for each in told.parameters],
        provisions=[{"number": each.number, "a": each.a, "b": each.b} for each in report.provision_differences(a, b)],
    )


def _plain(value: Any) -> JsonValue:
    return [str(each) for each in value] if isinstance(value, tuple) else None if value is None else str(value)


@router.get("/packs/{pack}/decide/{action}")
def decide(request: Request, pack: Name, action: Action) -> Decided:
    """Return what a pack decides; circumstances are given as fields of the address. Nothing happens by it."""
    decision, _ = decided(pack_named(parts_of(request), pack), action, request.query_params)
    return Decided(
        permit=decision.permit,
        reasons=[reason.value for reason in decision.reasons],
        provisions=list(decision.provisions),
        policies=list(decision.policies),
    )
