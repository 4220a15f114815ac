"""A second, deliberately naive reading of the event contract, written from EVENTS.md alone.

Nothing here is shared with the product. There is no incremental state: each booking is read as a whole,
every interesting instant is put on a time line, and each segment between two neighbouring instants (and the
one beyond the last) is asked plain yes/no questions at its first instant. Nothing changes inside a segment,
because every fact begins or ends at one of the instants. "section" in a comment means one of EVENTS.md.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.oracle.papers import classify, has_forbidden_field, names_one_of, plain

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FAR = datetime.max.replace(tzinfo=UTC)  # "none is known": later than any instant that can occur


@dataclass(frozen=True)
class Fact:
    """One event, its time read."""

    id: str
    type: str  # without "jail." and ".v1"
    subject: str
    time: datetime
    data: dict[str, Any]
    event: dict[str, Any]

    @property
    def order(self) -> tuple[datetime, str]:
        """The order of "latest time, then greatest id"."""
        return self.time, self.id


@dataclass(frozen=True)
class Hold:
    """One hold_id after sections 3 and 4.2 (and, if it is local, 4.3). Active over [start, end)."""

    hold_id: str
    start: datetime
    end: datetime
    hold_class: str
    authority_from: datetime  # FAR: never
    corrected: bool

    def active(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def gives_authority(self, at: datetime) -> bool:
        return self.active(at) and at >= self.authority_from


@dataclass(frozen=True)
class Finding:
    """A finding before the current time is asked."""

    rule: str
    about: str
    since: datetime
    until: datetime  # FAR: none known
    listed_from: datetime


Span = tuple[datetime, datetime]


# ---------------------------------------------------------------- times and texts


def instant(text: str) -> datetime:
    """An RFC 3339 time as an instant."""
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def written(at: datetime) -> str:
    """Section 7: UTC with Z and microseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# --------------------------------------------------------------- section 4, first sentence: which facts stand


def read(event: dict[str, Any]) -> Fact:
    return Fact(
        id=event["id"],
        type=event["type"].removeprefix("jail.").removesuffix(".v1"),
        subject=event["subject"],
        time=instant(event["time"]),
        data=event.get("data") or {},
        event=event,
    )


def retracted_ids(facts: list[Fact]) -> set[str]:
    """The ids of one source that never counted (section 2, last row).

    A retraction that no other names counts for certain, and strikes out what it names. Struck out, that one names
    nothing any more, which may free others; and so on. What is left at the end names each other in a circle.
    """
    left = {f.id: f.data["retracts"] for f in facts if f.type == "event.retracted"}
    gone: set[str] = set()
    while certain := [each for each in left if each not in left.values()]:
        for each in certain:
            gone.add(left.pop(each))
        for struck in gone & left.keys():
            del left[struck]
    return gone


def moves_that_count(facts: list[Fact]) -> tuple[dict[str, str], list[Fact]]:
    """Section 4.1, last sentence: old number -> new number. A cycle loses its latest move; those lost come second."""
    moves = [f for f in facts if f.type == "booking.moved"]
    lost: list[Fact] = []
    while True:
        latest: dict[str, Fact] = {}
        for move in sorted(moves, key=lambda f: f.order):
            latest[move.subject] = move
        cycle = next((c for c in (cycle_through(start, latest) for start in latest) if c), None)
        if cycle is None:
            return {old: move.data["into"] for old, move in latest.items()}, lost
        lost.append(max(cycle, key=lambda f: f.order))
        moves.remove(lost[-1])


def cycle_through(start: str, latest: dict[str, Fact]) -> list[Fact] | None:
    """The moves of the cycle that this number lies on, if it lies on one."""
    path: list[Fact] = []
    here = start
    while here in latest and len(path) < len(latest):
        path.append(latest[here])
        here = latest[here].data["into"]
        if here == start:
            return path
    return None


def bookings(facts: list[Fact]) -> dict[str, list[Fact]]:
    """The standing facts of one source by the booking for which they count."""
    gone = retracted_ids(facts)
    standing = [f for f in facts if f.id not in gone]
    into, _ = moves_that_count(standing)
    grouped: dict[str, list[Fact]] = defaultdict(list)
    for fact in standing:
        number = fact.subject
        while number in into:
            number = into[number]
        grouped[number].append(fact)
    return grouped


# --------------------------------------------------------------- sections 4.1 to 4.3: custody, holds, the due


def custody_of(facts: list[Fact]) -> Span | None:
    """Section 4.1. None where nothing starts it or where it ends as it starts."""
    opened = [f.time for f in facts if f.type == "booking.opened"]
    placed = [f.time for f in facts if f.type == "hold.placed"]
    if not opened and not placed:
        return None
    start = min(opened or placed)
    ends = [f.time for f in facts if ends_custody(f) and f.time >= start]
    end = min(ends, default=FAR)
    return (start, end) if start < end else None


def ends_custody(fact: Fact) -> bool:
    return fact.type == "release.completed" or (fact.type == "custody.transferred" and not fact.data["temporary"])


def the_due(facts: list[Fact]) -> tuple[datetime, datetime] | None:
    """Section 4.3: (time, due_at) of the due, if one stands."""
    rescinded = [f.time for f in facts if f.type == "release.rescinded"]
    standing = []
    for fact in facts:
        if fact.type == "release.due":
            due_at = instant(fact.data["due_at"])
        elif fact.type == "bail.posted" and fact.data.get("covers_all") is True:
            due_at = fact.time
        else:
            continue
        if not any(at >= fact.time for at in rescinded):
            standing.append((fact.order, fact.time, due_at))
    if not standing:
        return None
    _, time, due_at = max(standing)
    return time, due_at


def holds_of(facts: list[Fact], params: dict[str, Any]) -> list[Hold]:
    """Section 4.2, with the classes of section 3 and the due of section 4.3."""
    due = the_due(facts)
    result = []
    for hold_id in sorted({f.data["hold_id"] for f in facts if f.type == "hold.placed"}):
        own = [f for f in facts if f.data.get("hold_id") == hold_id]
        placed = [f for f in own if f.type == "hold.placed"]
        stands_in = max(placed, key=lambda f: f.order)
        start = min(f.time for f in placed)
        end = min((f.time for f in own if f.type == "hold.lifted" and f.time >= start), default=FAR)
        if stands_in.data.get("expires_at"):
            end = min(end, instant(stands_in.data["expires_at"]))
        hold_class, corrected = classify(stands_in.data, params)
        authority_from = FAR
        if hold_class in {"local", "other_agency"}:
            authority_from = start
        elif hold_class == "judicial" and params["require_warrant_verification"]:
            authority_from = min((f.time for f in own if f.type == "warrant.verified"), default=FAR)
        elif hold_class == "judicial":
            authority_from = start
        if hold_class == "local" and due is not None and start <= due[0]:
            end = min(end, due[1])
        result.append(Hold(hold_id, start, end, hold_class, max(start, authority_from), corrected))
    return result


# ---------------------------------------------------------------- the time line


def maximal(instants: set[datetime], holds_at: Callable[[datetime], bool]) -> list[Span]:
    """The maximal spans in which the question is answered yes, asked at the start of each segment."""
    line = sorted(instants - {FAR})
    found: list[Span] = []
    for at, following in zip(line, [*line[1:], FAR], strict=True):
        if not holds_at(at):
            continue
        if found and found[-1][1] == at:
            found[-1] = (found[-1][0], following)
        else:
            found.append((at, following))
    return found


@dataclass(frozen=True)
class TimeLine:
    """The plain questions about one booking with custody."""

    custody: Span
    holds: list[Hold]

    @property
    def instants(self) -> set[datetime]:
        ends = {at for h in self.holds for at in (h.start, h.end, h.authority_from)}
        return ends | set(self.custody)

    def in_custody(self, at: datetime) -> bool:
        return self.custody[0] <= at < self.custody[1]

    def authority(self, at: datetime) -> bool:
        """Section 4.4."""
        return any(h.gives_authority(at) for h in self.holds)

    def immigration_hold(self, at: datetime) -> bool:
        return any(h.hold_class == "immigration" and h.active(at) for h in self.holds)

    def stretches(self) -> list[Span]:
        """Section 4.5: the maximal stretches of custody without authority."""
        return maximal(self.instants, lambda at: self.in_custody(at) and not self.authority(at))


# ---------------------------------------------------------------- the rules


def lasting(rule: str, since: datetime, until: datetime, allowance: timedelta = timedelta(0)) -> list[Finding]:
    """Section 4.6: a finding, if the span contains the instant since + allowance."""
    raised = since + allowance
    return [Finding(rule, "", since, until, raised)] if raised < until else []


def moment(rule: str, about: str, at: datetime) -> Finding:
    """Section 4.9: a finding about one moment."""
    return Finding(rule, about, at, FAR, at)


def overdue(line: TimeLine, params: dict[str, Any]) -> list[Finding]:
    """Sections 4.5 and 4.6: each part of a stretch is a finding of its own."""
    found = []
    for start, end in line.stretches():
        held = maximal(line.instants, lambda at, s=start, e=end: s <= at < e and line.immigration_hold(at))
        first = held[0][0] if held else end
        other = timedelta(seconds=params["release_processing_other"])
        detainer = timedelta(seconds=params["release_processing_detainer"])
        found += lasting("overdue_release", start, first, other)
        if held:
            found += lasting("overdue_detainer_hold", first, end, detainer)
    return found


def approaching(line: TimeLine, params: dict[str, Any]) -> list[Finding]:
    """An immigration hold is active and release time is near. One finding for one `since` (section 4.8)."""
    until: dict[datetime, datetime] = {}
    for release, _ in line.stretches():
        if release <= line.custody[0]:
            continue
        near = release - timedelta(seconds=params["warn_before"])
        spans = maximal(
            line.instants | {near},
            lambda at, n=near, r=release: n <= at < r and line.in_custody(at) and line.immigration_hold(at),
        )
        for since, end in spans:
            until[since] = max(end, until.get(since, end))
    return [f for since, end in until.items() for f in lasting("release_approaching", since, end)]


def booked_without_authority(line: TimeLine) -> list[Finding]:
    start = line.custody[0]
    if line.authority(start) or not line.immigration_hold(start):
        return []
    return [f for s, e in line.stretches() if s == start for f in lasting("booked_without_authority", s, e)]


def notice_not_served(line: TimeLine, facts: list[Fact], params: dict[str, Any]) -> list[Finding]:
    if params["notice_within"] is None:
        return []
    within = timedelta(seconds=params["notice_within"])
    found = []
    for hold in line.holds:
        if hold.hold_class not in {"immigration", "request"}:
            continue
        served = [f.time for f in facts if f.type == "notice.served" and f.data["hold_id"] == hold.hold_id]
        since = max(hold.start, line.custody[0])
        until = min([hold.end, line.custody[1], *served])  # one served before the start leaves nothing
        if since + within < until:
            found.append(Finding("notice_not_served", hold.hold_id, since, until, since + within))
    return found


def held_for_identification(line: TimeLine, facts: list[Fact], params: dict[str, Any]) -> list[Finding]:
    listed = {plain(text) for text in params["identification_bases"]}
    stated = [text for f in facts if f.type == "booking.opened" for text in f.data.get("basis") or []]
    if not stated or not all(plain(text) in listed for text in stated):
        return []
    return lasting("held_for_identification", *line.custody)


def cite_not_custody(line: TimeLine, facts: list[Fact], params: dict[str, Any]) -> list[Finding]:
    listed = {plain(text) for text in params["citation_offences"]} - {""}
    local = {h.hold_id for h in line.holds if h.hold_class == "local"}
    placed = sorted((f for f in facts if f.type == "hold.placed"), key=lambda f: f.order)
    stands_in = {f.data["hold_id"]: f.data for f in placed}
    for hold_id in local:
        charge = stands_in[hold_id].get("charge") or {}
        if not {plain(charge.get("code")), plain(charge.get("description"))} & listed:
            return []
    return lasting("cite_not_custody", *line.custody) if local else []


def moments(facts: list[Fact], holds: list[Hold], params: dict[str, Any]) -> list[Finding]:
    """The findings about one moment; none of them asks for custody."""
    found = [moment("mislabelled_document", h.hold_id, h.start) for h in holds if h.corrected]
    for fact in facts:
        if fact.type == "custody.transferred" and not fact.data["temporary"]:
            to = fact.data["to_agency"]
            oris = {o.strip().upper() for o in params["immigration_oris"]}
            immigration = names_one_of(to, params["immigration_names"]) or to.strip().upper() in oris
            warrant = any(h.hold_class == "judicial" and h.gives_authority(fact.time) for h in holds)
            if immigration and not warrant:
                found.append(moment("transfer_without_warrant", fact.id, fact.time))
        if fact.type == "bail.refused" and any(h.hold_class == "immigration" and h.active(fact.time) for h in holds):
            found.append(moment("bail_refused_on_detainer", fact.id, fact.time))
        if has_forbidden_field(fact.event):
            found.append(moment("status_information_received", fact.id, fact.time))
    return found


def findings_of(facts: list[Fact], params: dict[str, Any]) -> list[Finding]:
    """All findings of one booking, before the current time is asked."""
    if any(f.type == "booking.voided" for f in facts):
        return []  # section 2: nothing about it stands
    holds = holds_of(facts, params)
    found = moments(facts, holds, params)
    custody = custody_of(facts)
    if custody is not None:
        line = TimeLine(custody, holds)
        found += overdue(line, params)
        found += approaching(line, params)
        found += booked_without_authority(line)
        found += notice_not_served(line, facts, params)
        found += held_for_identification(line, facts, params)
        found += cite_not_custody(line, facts, params)
    return found


def finding_id(source: str, booking: str, rule: str, since: datetime, about: str) -> str:
    """Section 4.8: the first 32 hexadecimal digits of SHA-256 over a JSON array without spaces."""
    microseconds = (since - EPOCH) // timedelta(microseconds=1)
    named = json.dumps([source, booking, rule, microseconds, about], ensure_ascii=False, separators=(",", ":"))
    return sha256(named.encode()).hexdigest()[:32]


def findings_in(events: list[dict], params: dict) -> list[tuple[str, str, Finding]]:
    """(source, booking, finding) of all events, whatever the current time."""
    unique = {(e["source"], e["id"]): e for e in events}  # section 1: a duplicate changes nothing
    found = []
    for source in {source for source, _ in unique}:
        facts = [read(e) for (of, _), e in unique.items() if of == source]
        for booking, own in bookings(facts).items():
            found += [(source, booking, finding) for finding in findings_of(own, params)]
    return found


def recorded(event: dict) -> datetime:
    """Section 1: when the source system recorded it; absent, it equals time."""
    return instant(event.get("recordedtime") or event["time"])


def judge(events: list[dict], params: dict, now: datetime | None = None) -> list[dict]:
    """The open and resolved findings at the current time (section 4); without one, at the greatest recordedtime (7)."""
    if not events:
        return []
    at = max(map(recorded, events)) if now is None else now
    rows = [
        {
            "finding_id": finding_id(source, booking, finding.rule, finding.since, finding.about),
            "rule": finding.rule,
            "about": finding.about,
            "source": source,
            "booking": booking,
            "since": written(finding.since),
            "until": None if finding.until == FAR else written(finding.until),
            "status": "open" if finding.until > at else "resolved",
        }
        for source, booking, finding in findings_in(events, params)
        if finding.listed_from <= at  # section 4.9: one still in the future is not listed
    ]
    return sorted(rows, key=lambda r: (r["source"], r["booking"], r["rule"], r["since"], r["about"]))
