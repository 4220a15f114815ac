"""From what the planner says to a document: the title, and the sections in the order in which they are needed."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from integration.domain.alerts.alert import MOMENT_RULES
from integration.domain.alerts.said import Case, CaseState, Said, Stage
from integration.domain.alerts.topics import DutyKind
from integration.services.alertwords import lexicon
from integration.services.alertwords.cases import counted, line_of_many, sections_of_one, span_of
from integration.services.alertwords.document import Document, Section
from integration.services.alertwords.inert import inert
from integration.services.alertwords.lawbook import Law, Lawbook
from integration.services.alertwords.links import usable
from integration.services.alertwords.times import length, local_time
from schemas.kinds import Rule

_RECEIVERS: Final = 12


def document(said: Said, book: Lawbook, zone: tzinfo) -> Document:
    """Return what a notice says."""
    if said.stage is Stage.TEST:
        return _test(said, zone)
    return Document(
        title=title(said),
        drill=lexicon.DRILL_SENTENCE if said.drill else "",
        heading=_heading(said),
        reason=_reason(said),
        sections=tuple(_sections(said, book, zone)),
        link=said.link if usable(said.link) else "",
        link_note=_link_note(said, zone),
        foot=_foot(said, zone),
    )


def title(said: Said) -> str:
    """Return one line: drill, stage, whom, what, how long."""
    words = [lexicon.DRILL] if said.drill else []
    if said.stage is Stage.TEST:
        return " ".join([*words, f"[holdwatch {inert(said.site)}] TEST of {inert(said.receiver)}"])
    words += [f"[holdwatch {inert(said.site)}]", f"{front(said)}:", *filter(None, (_whom(said), what(said)))]
    return " ".join(words)


def front(said: Said) -> str:
    """Return the word in front: how grave, and why this notice."""
    stage = lexicon.STAGES[said.stage]
    if said.stage is Stage.REPEATED and said.repeat > 0:
        stage += f" {said.repeat}"
    if said.stage is Stage.ESCALATED:
        stage += f" (step {said.step} of {said.steps})"
    severity = lexicon.SEVERITIES[said.severity]
    if said.stage is Stage.CLOSED:
        return stage
    return f"{severity} {stage}".strip()


def what(said: Said) -> str:
    """Return what is wrong in few words, with the length of the longest."""
    told = lexicon.BRIEF[said.rule]
    if isinstance(said.rule, DutyKind):
        return told if said.stage is Stage.CLOSED or not said.cases else f"{told}, {due(said)}"
    if said.rule in MOMENT_RULES or said.rule is Rule.RELEASE_APPROACHING or not said.cases:
        return told
    longest = length(max(span_of(case, said) for case in said.cases))
    return f"{told}, {longest}" if said.total <= 1 else f"{told}, longest {longest}"


def due(said: Said) -> str:
    """Tell when the first of the duties is due, or how late it is."""
    left = min(case.since for case in said.cases) - said.now
    return f"due in {length(left)}" if left > 0 else f"{length(-left)} late"


def _whom(said: Said) -> str:
    if isinstance(said.rule, DutyKind) and said.total != 1:
        return f"{counted(said, 'duty', 'duties')}:"
    if said.total == 1 and len(said.cases) == 1 and not said.cases[0].booking:
        return ""
    if said.total == 1 and len(said.cases) == 1:
        return f"booking {inert(said.cases[0].booking)}"
    return counted(said, "booking", "bookings")


def _heading(said: Said) -> str:
    told = lexicon.RULES[said.rule]
    return told[0].upper() + told[1:] + "."


def _reason(said: Said) -> str:
    told = lexicon.REASONS[said.stage]
    if said.stage is Stage.REPEATED and said.repeat > 0:
        told += f" This is reminder {said.repeat}."
    if said.stage is Stage.ESCALATED:
        told += f" This is step {said.step} of {said.steps}."
    return told


def _sections(said: Said, book: Lawbook, zone: tzinfo) -> Iterator[Section]:
    yield Section("Facility", (f"{inert(said.facility)} ({inert(said.site)})" if said.facility else inert(said.site),))
    if said.total == 1 and len(said.cases) == 1:
        yield from sections_of_one(said.cases[0], said, zone)
    else:
        yield from _many(said, zone)
    laws = _laws(said, book)
    if said.stage is not Stage.CLOSED:
        yield from _steps(said, laws)
    yield from _provisions(laws)
    yield from _people(said, zone)


def _many(said: Said, zone: tzinfo) -> Iterator[Section]:
    counted = f"{said.open_count} open of {said.total}"
    lines = [line_of_many(case, said, zone) for case in said.cases]
    if said.total > len(lines):
        lines.append(f"and {said.total - len(lines)} more: holdwatch alerts show {inert(said.alert_id)}")
    what = "Duties" if isinstance(said.rule, DutyKind) else "Bookings"
    yield Section(f"{what} ({counted})", tuple(lines))


def _laws(said: Said, book: Lawbook) -> list[Law]:
    """Return each law once, those of open findings first: findings of one alert may rest on two revisions."""
    cases: list[Case] = sorted(said.cases, key=lambda case: case.state is not CaseState.OPEN)
    return list(dict.fromkeys(book.law(case) for case in cases))


def _steps(said: Said, laws: list[Law]) -> Iterator[Section]:
    steps = tuple(dict.fromkeys(step for law in laws for step in law.steps))
    if not steps:
        steps = (
            f"Look at the alert (holdwatch alerts show {inert(said.alert_id)}) and call whoever keeps the policy.",
        )
    yield Section("What to do", steps, numbered=True)


def _provisions(laws: list[Law]) -> Iterator[Section]:
    lines: list[str] = []
    for law in laws:
        of = f"{law.title}, " if law.title else ""
        lines += [f"{of}{number}{f': {summary}' if summary else ''}" for number, summary in law.clauses]
        if law.note:
            lines.append(f"{law.title}: {law.note}")
    if lines:
        yield Section("Law", tuple(dict.fromkeys(lines)))


def _people(said: Said, zone: tzinfo) -> Iterator[Section]:
    if said.acked is not None:
        at, until = local_time(said.acked.at, zone), local_time(said.acked.until, zone)
        yield Section("Acknowledged", (f"by {inert(said.acked.by)} at {at}; counts until {until}",))
    if said.told:
        yield Section("Told now", (names(said.told),))
    if said.next_told is not None:
        who = names(said.next_told.receivers) if said.next_told.receivers else "nobody is on duty: the step after that"
        yield Section("Told next", (f"{who}, at {local_time(said.next_told.at, zone)}, unless somebody acknowledges",))
    if said.repeat_at is not None:
        yield Section("Next reminder", (local_time(said.repeat_at, zone),))


def names(receivers: tuple[str, ...]) -> str:
    """Return the names of receivers, so many as can be taken in."""
    told = [inert(name) for name in receivers[:_RECEIVERS]]
    return ", ".join([*told, f"and {len(receivers) - _RECEIVERS} more"] if len(receivers) > _RECEIVERS else told)


def _link_note(said: Said, zone: tzinfo) -> str:
    until = "" if said.link_until is None else f" It is good until {local_time(said.link_until, zone)}."
    return f"The link is yours alone and counts once.{until}"


def _foot(said: Said, zone: tzinfo) -> str:
    opened = f"opened {local_time(said.opened_at, zone)}"
    return f"Alert {inert(said.alert_id)}, {opened}. Written {local_time(said.now, zone)}."


def _test(said: Said, zone: tzinfo) -> Document:
    return Document(
        title=title(said),
        drill=lexicon.DRILL_SENTENCE if said.drill else "",
        heading="This is a test.",
        reason=lexicon.REASONS[Stage.TEST],
        sections=(Section("Receiver", (inert(said.receiver),)), Section("Facility", (inert(said.facility),))),
        link="",
        link_note="",
        foot=f"{inert(said.alert_id)}. Written {local_time(said.now, zone)}.",
    )
