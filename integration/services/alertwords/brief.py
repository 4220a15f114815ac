"""The short form: one line for a telephone, in one message of the GSM alphabet where that is possible."""

from datetime import tzinfo
from typing import Final

from integration.domain.alerts.alert import MOMENT_RULES
from integration.domain.alerts.said import CaseState, Said, Stage
from integration.domain.alerts.topics import DutyKind
from integration.services.alertwords import lexicon
from integration.services.alertwords.cases import counted, span_of
from integration.services.alertwords.gsm import PART_GSM, SINGLE_GSM, plainer, septets
from integration.services.alertwords.inert import inert, one_line
from integration.services.alertwords.lawbook import Lawbook
from integration.services.alertwords.links import usable
from integration.services.alertwords.times import brief_length, clock_time
from schemas.kinds import Rule

_BOOKING: Final = 24
"""Characters of a booking number here; the link and the other forms have it whole."""
_PLACE: Final = 20
_TWO: Final = 2 * PART_GSM


def line_of(said: Said, book: Lawbook, zone: tzinfo) -> str:
    """Return one line: drill, stage, facility, whom, what, how long; what to do, who is next and the link as they fit.

    What comes first matters most. The link is worth a second message; nothing else is.
    """
    head = _head(said, zone)
    if said.stage is Stage.TEST:
        return head
    link = said.link if usable(said.link) else ""
    do, missing, following = _do(said, book), _missing(said), _following(said, zone)
    wished: tuple[tuple[str, ...], ...] = (
        (missing, do, following, link),
        (missing, do, link),
        (do, link),
        (missing, link),
        (link,),
    )
    for more in wished:
        told = _joined(head, *more)
        if _width(told) <= SINGLE_GSM:
            return told
    told = _joined(head, do, link)
    for each in (told, _joined(head, link)):
        if link and _width(each) <= _TWO:
            return each
    return _joined(head, f"See alert {_short(said.alert_id, _BOOKING)}")


def _joined(*parts: str) -> str:
    told = " ".join(part.strip() for part in parts if part)
    return one_line(told)


def _width(text: str) -> int:
    return septets(text) or 0


def _head(said: Said, zone: tzinfo) -> str:
    place = _short(said.facility.rstrip("/").rpartition("/")[2] or said.facility or said.site, _PLACE)
    drill = f"{lexicon.DRILL} " if said.drill else ""
    if said.stage is Stage.TEST:
        return _gsm(f"{drill}holdwatch TEST of {_short(said.receiver, _PLACE)} at {place}. Nothing to do.")
    stage = lexicon.STAGES[said.stage]
    word = stage if said.stage is Stage.CLOSED else f"{lexicon.SEVERITIES[said.severity]} {stage}".strip()
    return _gsm(one_line(f"{drill}{word} {place}: {_whom(said)} {_what(said, zone)}."))


def _whom(said: Said) -> str:
    if isinstance(said.rule, DutyKind):
        return _short(said.cases[0].booking, _BOOKING) if said.total == 1 and len(said.cases) == 1 else ""
    if said.total == 1 and len(said.cases) == 1:
        return _short(said.cases[0].booking, _BOOKING)
    return counted(said, "booking", "bookings")


def _what(said: Said, zone: tzinfo) -> str:
    told = lexicon.BRIEF[said.rule]
    if not said.cases or said.rule in MOMENT_RULES:
        return told
    if isinstance(said.rule, DutyKind):
        left = min(case.since for case in said.cases) - said.now
        many = f" ({said.open_count})" if said.total > 1 else ""
        return f"{told}{many}, {f'due in {brief_length(left)}' if left > 0 else f'{brief_length(-left)} late'}"
    if said.rule is Rule.RELEASE_APPROACHING:
        times = [case.until for case in said.cases if case.until is not None and case.state is CaseState.OPEN]
        return f"{told}: {clock_time(min(times), zone)}" if times else told
    return f"{told} {brief_length(max(span_of(case, said) for case in said.cases))}"


def _missing(said: Said) -> str:
    if said.stage is Stage.CLOSED or not said.cases or not said.cases[0].missing:
        return ""
    return f"{lexicon.BRIEFLY_MISSING[said.cases[0].missing[0]].capitalize()}."


def _do(said: Said, book: Lawbook) -> str:
    return "" if said.stage is Stage.CLOSED or not said.cases else _gsm(book.law(said.cases[0]).short)


def _following(said: Said, zone: tzinfo) -> str:
    told = said.next_told
    if told is None or not told.receivers:
        return ""
    return _gsm(f"Next {clock_time(told.at, zone)[:5]}: {_short(told.receivers[0], _PLACE)}.")


def _short(text: str, most: int) -> str:
    return inert(_gsm(inert(text)), most)


def _gsm(text: str) -> str:
    """Write what the alphabet has not as codes: one such letter would make the whole message twice as dear."""
    told = "".join(plainer(character) for character in text)
    return "".join(each if septets(each) is not None else f"\\u{ord(each):04x}" for each in told)
