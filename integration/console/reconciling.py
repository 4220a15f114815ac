"""Reconciliations: ICE's own export and the paper log of the front desk, laid beside the log's requests."""

import csv
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from integration.console.common import field, fields, pages_of, parts_of
from integration.console.guard import caller_of
from integration.console.making import Job, Wish
from integration.console.reports import (
    facilities_of,
    forms_of,
    jobs_of,
    number_of,
    period_of,
    place_of,
    usual_period,
)
from integration.errors import UsageError
from integration.reports.asked import Format, ReportKind
from integration.reports.making import CROSSWALK
from integration.reports.reconciling import ListKind, read_list
from integration.store.scans import LONGEST

router = APIRouter(include_in_schema=False)
LISTS: Final = {
    ListKind.ICE.value: "ICE's own detainer export",
    ListKind.PAPER.value: "The paper log: received, form, booking, hold_id",
    CROSSWALK: "Which booking an identifier of ICE's export is",
}
_MOST_DAYS: Final = 31


@router.get("/reports/reconcile")
def reconciliation(request: Request) -> Response:
    """Show the form that takes other people's lists."""
    return _page(request)


def _page(request: Request, wrong: str = "", status: int = 200) -> Response:
    facilities = facilities_of(request)
    usual = usual_period(parts_of(request), facilities[0]) if facilities else None
    return pages_of(request).page(
        request,
        "reconcile.html",
        status=status,
        facilities=[each.source for each in facilities],
        everywhere=caller_of(request).everywhere,
        first="" if usual is None else usual.first.isoformat(),
        last="" if usual is None else usual.last.isoformat(),
        forms=[each.value for each in Format],
        lists=LISTS,
        mebibytes=LONGEST // 2**20,
        wrong=wrong,
    )


@router.post("/reports/reconcile")
def reconcile(request: Request) -> Response:
    """Begin to lay other people's lists beside the log."""
    try:
        job = begin_reconciliation(
            request,
            facility=field(request, "facility"),
            first=field(request, "first"),
            last=field(request, "last"),
            lists={name: request.state.files.get(name, b"") for name in LISTS},
            days=field(request, "days") or "1",
            list_facility=field(request, "list_facility").strip(),
            forms=fields(request, "format"),
        )
    except UsageError as error:
        return _page(request, str(error), 400)
    return RedirectResponse(f"/reports/jobs/{job.job_id}", 303)


def begin_reconciliation(
    request: Request,
    *,
    facility: str,
    first: str,
    last: str,
    lists: Mapping[str, bytes],
    days: str,
    list_facility: str,
    forms: list[str],
) -> Job:
    """Have ICE's export and the paper log laid beside the log's requests. The lists themselves are not kept.

    Args:
        request: the caller's.
        facility: a feed; empty: all of them together.
        first: the first day.
        last: the last day, which belongs to the period.
        lists: the files, by `LISTS`; one that is empty was not given.
        days: by how many days the lists may differ from the log.
        list_facility: the only facility of ICE's export that is looked at; empty: every row.
        forms: formats.

    Raises:
        UsageError: it cannot be made so, or a list cannot be read.
        HTTPException: there is no such facility for the caller.
    """
    given = {name: content for name, content in lists.items() if content}
    if not given.keys() - {CROSSWALK}:
        raise UsageError("what is to be laid beside the log? Choose ICE's export, the paper log or both")
    differ = number_of(days)
    if differ is None or differ > _MOST_DAYS:
        raise UsageError(f"the lists may differ by 0 to {_MOST_DAYS} days")
    chosen, zone = place_of(request, facility)
    _check_lists(given, list_facility)
    wish = Wish(
        kind=ReportKind.RECONCILE,
        period=period_of(first, last, zone),
        facility=chosen,
        columns="",
        public=False,
        below=0,
        forms=forms_of(forms),
        lists=given,
        days=differ,
        list_facility=list_facility,
    )
    return jobs_of(request).make(wish, caller_of(request).actor)


def _check_lists(given: Mapping[str, bytes], list_facility: str) -> None:
    """See that lists can be read, before anybody waits for the report.

    Raises:
        UsageError: one cannot, or the facility is none of its rows: what is typed there stands in the log.
    """
    rows = 0
    try:
        for name in given.keys() - {CROSSWALK}:
            lines, unread = read_list(
                ListKind(name), given[name], crosswalk=given.get(CROSSWALK), facility=list_facility
            )
            rows += len(lines) + len(unread) if name == ListKind.ICE else 0
    except csv.Error:
        raise UsageError("a list is no CSV file") from None
    if list_facility and not rows:
        raise UsageError("ICE's export has no row of that facility or code")
