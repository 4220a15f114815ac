"""Reports: chosen, made in the background, listed, downloaded, made again and compared."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from integration.audit.entry import JSON
from integration.console.common import field, fields, pages_of, parts_of
from integration.console.guard import Refused, caller_of
from integration.console.making import Job, Jobs, Wish
from integration.console.parts import Parts
from integration.domain.instants import SECOND
from integration.errors import UsageError
from integration.reports.asked import Asked, Format, ReportKind
from integration.reports.columns import column_sets
from integration.reports.counting.period import Period
from integration.reports.filing import FILED, MEDIA, last_period, said_of
from integration.reports.rendering.formats import file_name
from integration.runners.reporting import MADE, detail_of
from integration.services.ports import EntryRow
from integration.settings import Facility

router = APIRouter(include_in_schema=False)
KINDS: Final = {
    ReportKind.COUNCIL: "For the council: requests, people detained on them, transfers, reimbursements",
    ReportKind.PARITY: "Release parity: time to release with and without an immigration paper",
    ReportKind.HOLDS: "Stays past release",
    ReportKind.GATE: "Messages, access and assistance",
}
"""What is made from the log alone. A reconciliation has a form of its own: it reads other people's lists, too."""
_SHOWN: Final = 100
_YEAR: Final = 12
Index = Annotated[int, Path(ge=0, lt=2**53)]


class Listed:
    """One report that was made or filed."""

    def __init__(self, row: EntryRow) -> None:
        """Args: ``row`` of kind `MADE` or `FILED`."""
        self.index, self.at, self.source = row.leaf_index, row.at, row.source
        self.filed = row.kind == FILED
        self.asked, self.digests = said_of(detail_of(row))

    @property
    def forms(self) -> list[str]:
        """Return its formats."""
        return [form.value for form in self.digests]

    @property
    def remakable(self) -> bool:
        """Whether it is made from the log alone."""
        return not self.asked.lists


def jobs_of(request: Request) -> Jobs:
    """Return what makes reports."""
    jobs: Jobs = request.app.state.jobs
    return jobs


def listed(request: Request) -> list[Listed]:
    """Return the reports of the caller's facilities, the newest first; sealed ones tell nothing."""
    caller = caller_of(request)
    rows = parts_of(request).records.newest_of_kinds([MADE, FILED], _SHOWN * 5)
    return [Listed(row) for row in rows if row.body is not None and caller.sees(row.source)][:_SHOWN]


def readable(request: Request, index: int) -> Listed:
    """Return a report of one of the caller's facilities.

    Raises:
        HTTPException: there is none.
    """
    row = parts_of(request).records.entry(index)
    if row is None or row.kind not in {MADE, FILED} or row.body is None or not caller_of(request).sees(row.source):
        raise HTTPException(404)
    return Listed(row)


def facilities_of(request: Request) -> list[Facility]:
    """Return the caller's facilities."""
    caller = caller_of(request)
    return [each for each in parts_of(request).settings.facilities if caller.sees(each.source)]


def usual_period(parts: Parts, facility: Facility) -> Period:
    """Return the last whole period, as the facility's pack counts them."""
    now = parts.now()
    today = datetime.fromtimestamp(now // SECOND, ZoneInfo(facility.zone)).date()
    months = parts.pack_for(facility.source, now).report.period
    return last_period(today, months if _YEAR % months == 0 else _YEAR, facility.zone)


@router.get("/reports")
def reports(request: Request) -> Response:
    """List reports, and offer to make one."""
    return _page(request)


def _page(request: Request, wrong: str = "", status: int = 200) -> Response:
    parts, caller = parts_of(request), caller_of(request)
    facilities = facilities_of(request)
    usual = usual_period(parts, facilities[0]) if facilities else None
    return pages_of(request).page(
        request,
        "reports.html",
        status=status,
        kinds=KINDS,
        facilities=[each.source for each in facilities],
        everywhere=caller.everywhere,
        columns=sorted({*column_sets(), parts.settings.reports.columns}),
        usual_columns=parts.settings.reports.columns,
        first="" if usual is None else usual.first.isoformat(),
        last="" if usual is None else usual.last.isoformat(),
        forms=[each.value for each in Format],
        making=[job for job in jobs_of(request).unfinished() if caller.sees(job.source)],
        made=listed(request),
        wrong=wrong,
    )


@router.post("/reports")
def make(request: Request) -> Response:
    """Begin to make one."""
    given: dict[str, Any] = {name: field(request, name) for name in ("kind", "facility", "columns", "first", "last")}
    try:
        job = begin(
            request,
            **given,
            public=field(request, "public") == "yes",
            below=field(request, "below"),
            forms=fields(request, "format"),
        )
    except UsageError as error:
        return _page(request, str(error), 400)
    return RedirectResponse(f"/reports/jobs/{job.job_id}", 303)


def begin(
    request: Request,
    *,
    kind: str,
    facility: str,
    columns: str,
    first: str,
    last: str,
    public: bool,
    below: str,
    forms: list[str],
) -> Job:
    """Have a report made.

    Args:
        request: the caller's.
        kind: one of `KINDS`.
        facility: a feed; empty: all of them together.
        columns: the column set of a council's report; empty: as the settings say.
        first: the first day.
        last: the last day, which belongs to the period.
        public: whether it is the public copy.
        below: counts from 1 to one below are left out; empty: as the pack says.
        forms: formats.

    Raises:
        UsageError: it cannot be made so.
        HTTPException: there is no such facility for the caller.
    """
    parts = parts_of(request)
    if kind not in set(KINDS):
        raise UsageError("choose one of the kinds that are listed")
    chosen, zone = place_of(request, facility)
    if public and chosen is None and not below:
        raise UsageError("facilities may have several policies: say below which number counts are left out")
    council = kind == ReportKind.COUNCIL
    if council and columns not in {"", *column_sets(), parts.settings.reports.columns}:
        raise UsageError("there is no such set of columns")
    wish = Wish(
        kind=ReportKind(kind),
        period=period_of(first, last, zone),
        facility=chosen,
        columns=(columns or parts.settings.reports.columns) if council else "",
        public=public,
        below=number_of(below),
        forms=forms_of(forms),
    )
    return jobs_of(request).make(wish, caller_of(request).actor)


def place_of(request: Request, facility: str) -> tuple[Facility | None, str]:
    """Return a facility, None for all together, and the zone whose days count.

    Raises:
        UsageError: there are several zones.
        HTTPException: there is no such facility for the caller.
    """
    facilities = parts_of(request).settings.facilities
    if not caller_of(request).sees(facility):
        raise HTTPException(404)
    chosen = next((each for each in facilities if each.source == facility), None)
    if facility and chosen is None:
        raise HTTPException(404)
    if chosen is None and len(facilities) == 1:
        chosen = facilities[0]
    zones = {each.zone for each in facilities}
    if chosen is None and len(zones) > 1:
        raise UsageError("the facilities are in several time zones: choose one facility")
    return chosen, chosen.zone if chosen else zones.pop()


def period_of(first: str, last: str, zone: str) -> Period:
    """Read a period, both days of it. Raises UsageError, where it is none."""
    period = Period(_day(first), _day(last) + timedelta(days=1), zone)
    if period.first >= period.end:
        raise UsageError("the period ends before it begins")
    return period


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError("give days as 2026-01-31") from None
    if not date(1970, 1, 2) <= day <= date(9000, 1, 1):
        raise UsageError("there are no such days in this log")
    return day


def number_of(text: str) -> int | None:
    """Read a whole number; None where there is none. Raises UsageError, where it is something else."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 7):  # noqa: PLR2004  as many figures as anybody needs
        raise UsageError("the threshold is a whole number")
    return int(text)


def forms_of(given: list[str]) -> tuple[Format, ...]:
    """Read formats. Raises UsageError, where there are none, or one is unknown."""
    try:
        forms = tuple(dict.fromkeys(Format(each) for each in given))
    except ValueError:
        raise UsageError(f"a format is one of {', '.join(Format)}") from None
    if not forms:
        raise UsageError("choose at least one format")
    return forms


def job_of(request: Request, job_id: str) -> Job:
    """Return a report that is being made, of one of the caller's facilities.

    Raises:
        HTTPException: there is none.
    """
    job = jobs_of(request).job(job_id)
    if job is None or not caller_of(request).sees(job.source):
        raise HTTPException(404)
    return job


@router.get("/reports/jobs/{job}")
def progress(request: Request, job: str) -> Response:
    """Show how far a report is."""
    return pages_of(request).page(request, "report.html", job=job_of(request, job))


@router.get("/reports/jobs/{job}/now")
def progress_part(request: Request, job: str) -> Response:
    """Return the part of that page that changes."""
    return pages_of(request).page(request, "report_job.html", job=job_of(request, job))


@router.post("/reports/{index}/again")
def again(request: Request, index: Index) -> Response:
    """Begin to make one again and compare it, byte for byte."""
    report = readable(request, index)
    job = jobs_of(request).compare(index, report.source, caller_of(request).actor)
    return RedirectResponse(f"/reports/jobs/{job.job_id}", 303)


@router.get("/reports/{index}/file/{form}")
def download(request: Request, index: Index, form: str) -> Response:
    """Hand out a report in one format. That somebody took it goes into the log first."""
    name, content = taken(request, index, form)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA[Format(form)], headers=headers)


def taken(request: Request, index: int, form: str) -> tuple[str, bytes]:
    """Record that somebody takes a report, and return its name and content.

    Raises:
        HTTPException: there is none in this format.
        Refused: its file is gone.
    """
    report = readable(request, index)
    if form not in report.forms:
        raise HTTPException(404)
    content = jobs_of(request).content(report.asked, Format(form), report.digests[Format(form)])
    if content is None:
        raise Refused(410, "this file is no longer kept here: have the report made again, which gives the same")
    detail: dict[str, JSON] = {"report": index, "format": form}
    parts_of(request).pen.record("audit.exported", "exported", caller_of(request).actor, detail, source=report.source)
    return _name(report.asked, Format(form)), content


def _name(asked: Asked, form: Format) -> str:
    return file_name(asked, form)
