"""From what was asked and the entries of a log to a report."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final

from integration.errors import UsageError
from integration.reports.asked import Asked, ReportKind
from integration.reports.collecting import uncollected
from integration.reports.columns import Columns, load_columns
from integration.reports.counting.feeds import Feeds, Presence
from integration.reports.counting.period import local_time
from integration.reports.counting.register import Register, Wanted
from integration.reports.counting.standing import Standing
from integration.reports.counting.suppression import LEAST_THRESHOLD
from integration.reports.document import Document, Section
from integration.reports.pages import corrections, council, gate, holds, parity, reconcile
from integration.reports.publishing import Published, SubtractableError, overlapping, same_figures_asked
from integration.reports.reconciling import ListKind, read_list

_TITLES: Final = {
    ReportKind.PARITY: "Release parity",
    ReportKind.HOLDS: "Stays past release",
    ReportKind.GATE: "Messages, access and assistance",
    ReportKind.RECONCILE: "Requests in the log beside other lists",
}
_WANTED: Final = {
    ReportKind.PARITY: parity.WANTED,
    ReportKind.HOLDS: holds.WANTED,
    ReportKind.GATE: gate.WANTED,
    ReportKind.RECONCILE: reconcile.WANTED,
}
CROSSWALK: Final = "crosswalk"
_SECTIONS: Final[dict[ReportKind, Callable[[Standing, Asked], Iterator[Section]]]] = {
    ReportKind.PARITY: parity.sections,
    ReportKind.HOLDS: holds.sections,
    ReportKind.GATE: gate.sections,
}


def check(asked: Asked) -> None:
    """See that a report can be made as it was asked for.

    Raises:
        UsageError: the period is empty, or the threshold protects nobody.
    """
    if asked.first >= asked.end:
        raise UsageError("the period ends before it begins; --to is the first day that is no longer in it")
    if asked.report == ReportKind.RECONCILE and asked.public:
        raise UsageError("a reconciliation names bookings: it has no public copy")
    if asked.public and 0 < asked.suppress_below < LEAST_THRESHOLD:
        raise UsageError(f"a threshold below {LEAST_THRESHOLD} protects nobody; 0 prints every count")


@uncollected()
def make(asked: Asked, bodies: Iterable[bytes | None], lists: Mapping[str, bytes] | None = None) -> Document:
    """Count, and lay the report out. The same request and the same entries give the same report.

    Args:
        asked: the request, with the number of entries to count.
        bodies: the log's entries from the first on, as canonical JSON; None for a sealed one. They may be gone through
            twice.
        lists: the files of a reconciliation, by `ListKind`, and ``crosswalk``.

    Raises:
        UsageError: see `check`; or the column set does not exist; or a list is not the one that was asked about.
        SubtractableError: it is a public copy that could be subtracted from one that was filed before.
        FatalError: the log is too short, or an entry cannot be read.
    """
    check(asked)
    kind = ReportKind(asked.report)
    columns = load_columns(asked.columns) if kind is ReportKind.COUNCIL else None
    others = _lists(asked, lists or {})
    feeds = Feeds(asked.period)
    cut_at = "" if columns is None else asked.period.start_text
    register = Register(_wanted(kind, columns), asked.facility or None, cut_at=cut_at, feeds=feeds)
    register.read(bodies, asked.size)
    standing = Standing(register)
    present = feeds.presence(asked.facility, asked.feeds)
    if kind is ReportKind.RECONCILE:
        found = tuple(reconcile.sections(standing, asked, others, asked.days))
        return _document(asked, _TITLES[kind], register, present, found)
    counted = _counted(asked, standing, columns)
    beside = _beside(asked, register, columns, counted)
    if columns is None:
        return _document(asked, _TITLES[kind], register, present, counted, beside=beside)
    zero = council.is_zero(standing, asked.period, columns)
    known = register.covers(asked.period) and all(each.spoke for each in present)
    certificate = columns.certificate if zero and known else ""
    made = (*counted, corrections.section(register, asked))
    return _document(
        asked, columns.title, register, present, made, columns=columns, certificate=certificate, beside=beside
    )


def _counted(asked: Asked, standing: Standing, columns: Columns | None) -> tuple[Section, ...]:
    if columns is not None:
        return tuple(council.sections(standing, asked, columns))
    return tuple(_SECTIONS[ReportKind(asked.report)](standing, asked))


def _beside(
    asked: Asked, register: Register, columns: Columns | None, counted: tuple[Section, ...]
) -> tuple[Published, ...]:
    """Return the public copies filed earlier that this one can be subtracted from.

    The same copy again is none of them, unless later facts changed it.

    Raises:
        SubtractableError: there is one, and nobody said that the copy is wanted all the same.
    """
    beside = []
    for each in overlapping(asked, register.filings):
        if same_figures_asked(asked, each.asked):
            then = _counted(asked, Standing(register, each.asked.size), columns)
            if [section.tables for section in then] == [section.tables for section in counted]:
                continue
        beside.append(each)
    if beside and not asked.despite_earlier:
        raise SubtractableError(beside)
    return tuple(beside)


def _lists(asked: Asked, lists: Mapping[str, bytes]) -> reconcile.Lists:
    told = {name: sha256(content).hexdigest() for name, content in lists.items()}
    if told != dict(asked.lists):
        raise UsageError("the lists are not those that the report was asked about")
    crosswalk = lists.get(CROSSWALK)
    return {
        ListKind(name): read_list(ListKind(name), content, crosswalk=crosswalk, facility=asked.list_facility)
        for name, content in lists.items()
        if name != CROSSWALK
    }


def _wanted(kind: ReportKind, columns: Columns | None) -> Wanted:
    return _WANTED[kind] if columns is None else council.wanted(columns)


def _document(
    asked: Asked,
    title: str,
    register: Register,
    present: Sequence[Presence],
    sections: tuple[Section, ...],
    *,
    columns: Columns | None = None,
    certificate: str = "",
    beside: Sequence[Published] = (),
) -> Document:
    facts = [
        ("Period", f"{asked.period.name()}, both days included, time of {asked.zone}"),
        ("Facility", asked.facility or "all facilities"),
        ("Copy", "public" if asked.public else "clerk's, not for publication"),
        *_by_law(columns, asked),
        ("Policy pack and revision", _packs(register)),
        ("Log", f"{asked.origin}, first {asked.size} entries, {_times(register)}"),
        ("Events of the period, by facility", _events(present, asked)),
        ("Root hash of the log", asked.root),
        ("Counted by", f"holdwatch {asked.version}"),
    ]
    facts += [(f"List: {name}", f"SHA-256 {digest}") for name, digest in sorted(asked.lists.items())]
    if register.sealed:
        facts.append(("Sealed entries", f"{register.sealed}: removed on a court's order and not counted"))
    notes = [_CHECK, *(_silence(each, asked) for each in present if not each.spoke)]
    if not register.covers(asked.period):
        notes.append(_NOT_COVERED)
    notes += [f"{_SUBTRACTED} {each.name}." for each in beside]
    signature: tuple[str, ...] = ()
    if certificate:
        signature = (certificate, "Name and office", "Signature", "Date")
    return Document(asked.report, title, tuple(facts), sections, tuple(notes), signature)


_CHECK: Final = (
    "Every figure is counted from the entries of the audit log alone. Anybody who holds an export of the log with this "
    "root hash can count again: docs/auditor.md says how."
)


_NOT_COVERED: Final = (
    "The log was not being written for the whole of this period, or the period is not over: a figure may be too small, "
    "and nothing is certified."
)


_SUBTRACTED: Final = (
    "Not for publication beside a public copy that was filed before: one subtracted from the other can tell small "
    "counts that are left out. It is:"
)


def _events(present: Sequence[Presence], asked: Asked) -> str:
    told = (f"fewer than {asked.below}" if 0 < each.events < asked.below else str(each.events) for each in present)
    return "; ".join(f"{each.source}: {number}" for each, number in zip(present, told, strict=True)) or "none"


def _silence(feed: Presence, asked: Asked) -> str:
    # The instant is that of somebody's release or arrest: the public copy tells the day.
    since, until = (local_time(each, asked.zone)[: 10 if asked.public else None] for each in (feed.since, feed.until))
    what = f"for {feed.longest:.1f} hours, from {since} to {until}; its limit is {feed.limit:g} hours"
    said = f"The feed of {feed.source} brought no event {what if feed.events else 'of this period'}."
    return f"{said} What is not sent is not counted: a figure may be too small, and nothing is certified."


def _times(register: Register) -> str:
    return f"of {register.began} to {register.as_of}" if register.began else "none of them of this facility"


def _by_law(columns: Columns | None, asked: Asked) -> list[tuple[str, str]]:
    if columns is None:
        return []
    checked = f"{columns.law} (text checked: {columns.checked.value.replace('_', ' ')}. {columns.checked_note})"
    return [("Law", checked), ("To", asked.recipient or "not named")]


def _packs(register: Register) -> str:
    return "; ".join(f"{pack} {revision}" for pack, revision in sorted(register.packs)) or "no entry names one"
