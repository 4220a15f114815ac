"""One finding in words: the booking, how long, the paper on file, the paper missing."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from integration.domain.alerts.alert import MOMENT_RULES
from integration.domain.alerts.said import Case, CaseState, Paper, Said, Stage
from integration.domain.alerts.topics import DutyKind
from integration.services.alertwords import lexicon
from integration.services.alertwords.document import Section
from integration.services.alertwords.inert import inert
from integration.services.alertwords.times import length, local_time
from schemas.kinds import Rule

_MOST_PAPERS: Final = 8
_FIELDS: Final = "fields"


def sections_of_one(case: Case, said: Said, zone: tzinfo) -> Iterator[Section]:
    """Say everything of a finding or a duty that stands alone."""
    if isinstance(case.rule, DutyKind):
        yield from _sections_of_duty(case, said, zone)
        return
    yield Section("Booking", (inert(case.booking),))
    yield Section(*_when(case, said, zone))
    if ended := _ended(case, zone):
        yield Section("Now", (ended,))
    yield from (Section(label, (told,)) for label, told in _names(case))
    yield Section("On file", tuple(papers(case, zone)) or ("no paper",))
    if case.missing:
        yield Section("Missing", tuple(lexicon.MISSING[each] for each in case.missing))


def _sections_of_duty(case: Case, said: Said, zone: tzinfo) -> Iterator[Section]:
    if case.booking:
        yield Section("Booking", (inert(case.booking),))
    yield Section(*_when(case, said, zone))
    if ended := _ended(case, zone):
        yield Section("Now", (ended,))
    yield from (Section(label, (told,)) for label, told in _names(case))
    if case.about:
        yield Section("About", (inert(case.about),))
    yield Section("Duty", (inert(case.finding_id),))


def line_of_many(case: Case, said: Said, zone: tzinfo) -> str:
    """Say a finding that stands among others, in one line."""
    label, (told,) = _when(case, said, zone)
    whom = case.booking
    if isinstance(case.rule, DutyKind):
        whom = " ".join(filter(None, (case.booking, case.about))) or case.finding_id
    parts = [f"{inert(whom)}: {label.lower()} {told}"]
    if ended := _ended(case, zone):
        parts.append(ended)
    parts += [f"{name.lower()}: {value}" for name, value in _names(case)]
    parts += [f"on file: {', '.join(map(_paper, case.papers[:_MOST_PAPERS]))}"] if case.papers else []
    parts += [f"missing: {', '.join(lexicon.MISSING[each] for each in case.missing)}"] if case.missing else []
    new = "NEW " if case.new and said.stage is not Stage.FIRST else ""
    return f"{new}{'; '.join(parts)}"


def span_of(case: Case, said: Said) -> int:
    """Return how long it has been so: to its end, else to the time of writing. Microseconds."""
    end = said.now if case.until is None or case.state is CaseState.OPEN else case.until
    return max(0, end - case.since)


def _when(case: Case, said: Said, zone: tzinfo) -> tuple[str, tuple[str]]:
    if isinstance(case.rule, DutyKind):
        left = case.since - said.now
        how = f"in {length(left)}" if left > 0 else f"{length(-left)} late"
        return "Due", (f"{local_time(case.since, zone)}, {how}",)
    if case.rule is Rule.RELEASE_APPROACHING and case.until is not None:
        left = case.until - said.now
        how = f"in {length(left)}" if left > 0 else f"{length(-left)} ago"
        return "Release time", (f"{local_time(case.until, zone)}, {how}",)
    if case.rule in MOMENT_RULES:
        return "At", (f"{local_time(case.since, zone)}, {length(max(0, said.now - case.since))} ago",)
    return "Since", (f"{local_time(case.since, zone)}, {length(span_of(case, said))}",)


def _ended(case: Case, zone: tzinfo) -> str:
    if case.state is CaseState.OPEN:
        return ""
    dated = case.state is CaseState.RESOLVED and not isinstance(case.rule, DutyKind)
    at = f" since {local_time(case.until, zone)}" if dated and case.until is not None else ""
    return f"{lexicon.STATES[case.state]}{at}"


def papers(case: Case, zone: tzinfo) -> Iterator[str]:
    """Say what is on file, a line each."""
    for paper in case.papers[:_MOST_PAPERS]:
        until = "" if paper.expires_at is None else f", until {local_time(paper.expires_at, zone)}"
        yield f"{_paper(paper)}, since {local_time(paper.placed_at, zone)}{until} (hold {inert(paper.hold_id)})"
    if len(case.papers) > _MOST_PAPERS:
        yield f"and {len(case.papers) - _MOST_PAPERS} more"


def _paper(paper: Paper) -> str:
    form = f", form {inert(paper.form)}" if paper.form else ""
    return f"{lexicon.PAPERS.get(paper.kind, 'paper of an unknown kind')}{form}"


def _names(case: Case) -> Iterator[tuple[str, str]]:
    """Say what the evidence shows: both values of a label, the names of fields. Never a value of a field."""
    told = dict(case.names)
    if "labelled" in told:
        label = lexicon.PAPERS.get(told["labelled"], "another paper").partition(" (")[0]
        paper = lexicon.PAPERS.get(told.get("paper", ""), "something else")
        yield "Label and paper", f"recorded as {label}; it is: {paper}"
    if "waiting" in told:
        yield "Waiting", f"{told['waiting']} messages"
    if _FIELDS in told:
        yield "Fields", inert(told[_FIELDS], 200)


def counted(said: Said, one: str, many: str) -> str:
    """Tell how many there are: those that are open; all of them, where all is over."""
    number = said.total if said.stage is Stage.CLOSED else said.open_count
    return f"{number} {one if number == 1 else many}"
