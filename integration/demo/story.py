"""The day: who is in the jail, what happened in the past hours, and what happens while you watch."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from random import Random
from typing import Final

from integration.demo.writing import FAMILY_NAMES, Writer, Written
from integration.domain.instants import SECOND, Instant

LENGTH: Final = 45.0
"""Seconds after which everything worth seeing has happened, at full pace."""

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_ICE: Final = "ICE ERO Detroit"


@dataclass(frozen=True, slots=True)
class Cast:
    """Booking numbers, by the part each person plays."""

    held: str
    """A detainer; release falls due while you watch, and the person is kept."""
    lawful: str
    """A judge's warrant, verified: kept lawfully past the local release time."""
    mislabelled: str
    """An I-200 that arrives labelled as a judge's warrant."""
    bail: str
    """Bail is offered, and refused because of a detainer."""
    correction: str
    """Shown as held past release, until the record it rests on turns out to be a mistake."""
    notified: str
    """An I-247N, which asks to be told and holds nobody: released on time."""
    approaching: str
    """A detainer, and a release time that comes near; somebody wants to tell ICE about it."""
    later: str
    """A detainer, and a release time some hours away."""
    probation: str
    """Past the local release time on another agency's criminal hold: lawful."""
    lifted: str
    """A detainer that its agency took back; released on time."""
    ordinary: str
    """Released on time before you came."""
    watched: str
    """Bail is paid and the person walks out while you watch."""
    sentence: str
    """Serves a sentence; nothing happens."""


@dataclass(frozen=True, slots=True)
class Act:
    """What arrives together in one file, while you watch."""

    after: float
    """Seconds after the start."""
    name: str
    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """The whole day. The same seed and start give the same bytes."""

    cast: Cast
    past: tuple[bytes, ...]
    """Events of the past hours, oldest first."""
    acts: tuple[Act, ...]
    falls_due: float
    """Seconds after the start at which `Cast.held` should be let go."""


def tell(start: Instant, *, seed: int, pace: float = 1.0) -> Story:
    """Make up the day.

    Args:
        start: the current time, microseconds UTC; every time in the story is relative to it.
        seed: chooses booking numbers, names, event ids and small shifts of the past.
        pace: what the seconds of the live part are multiplied by; under 1 is faster.
    """
    random = Random(seed)  # noqa: S311  a story, not a secret
    cast = _cast(random)
    writer = Writer(start // SECOND * SECOND, random)
    past = [*_bookings(writer, cast), *_papers(writer, cast), *_releases(writer, cast, pace)]
    mistake = writer.event(
        "release.due", cast.correction, -40 * _MINUTE, due_at=writer.at(-25 * _MINUTE), reason="charges_dropped"
    )
    past.append(mistake)
    acts = tuple(_acts(writer, cast, pace, mistake.event_id))
    return Story(cast, tuple(each.line for each in sorted(past, key=lambda each: each.seconds)), acts, 6 * pace)


def _cast(random: Random) -> Cast:
    parts = [field.name for field in fields(Cast)]
    numbers = random.sample(range(101, 999), len(parts))
    return Cast(**{part: f"26-0{number}" for part, number in zip(parts, numbers, strict=True)})


def _bookings(writer: Writer, cast: Cast) -> Iterator[Written]:
    """Everybody is booked, under a name, on a local ground."""
    names = writer.random.sample(FAMILY_NAMES, len(FAMILY_NAMES))
    for place, part in enumerate(fields(Cast)):
        booking = getattr(cast, part.name)
        booked = -(6 * _HOUR + writer.random.randrange(3 * 60) * _MINUTE)
        person = {"person_id": f"P-{writer.random.randrange(10_000, 99_999)}", "family_name": names[place]}
        kind = "sentence" if part.name == "sentence" else "arrest"
        # The ground first: read hours later, a booking without one would be a finding until the next line is read.
        yield writer.event("hold.placed", booking, booked, hold_id=f"{booking}/1", kind=kind)
        yield writer.event("booking.opened", booking, booked, person=person, booked_by="badge 2231")


def _papers(writer: Writer, cast: Cast) -> Iterator[Written]:
    """What other agencies faxed in over the past hours."""
    for booking in (cast.held, cast.bail, cast.correction, cast.approaching, cast.later, cast.lifted):
        faxed = -(3 * _HOUR + writer.random.randrange(120) * _MINUTE)
        yield _paper(writer, booking, faxed, "immigration_detainer", "I-247A", agency=_ICE)
    yield _paper(writer, cast.notified, -3 * _HOUR, "notification_request", "I-247N", agency=_ICE)
    court, title = "United States District Court, Eastern District of Michigan", "United States Magistrate Judge"
    yield _paper(writer, cast.lawful, -5 * _HOUR, "judicial_warrant", "AO 442", court=court, official_title=title)
    yield writer.event(
        "warrant.verified", cast.lawful, -4.5 * _HOUR, hold_id=f"{cast.lawful}/2", verified_by="badge 1144"
    )
    yield _paper(writer, cast.probation, -4 * _HOUR, "agency_hold", None, agency="Eaton County Probation")
    yield writer.event("hold.lifted", cast.lifted, -2 * _HOUR, hold_id=f"{cast.lifted}/2", reason="withdrawn")


def _paper(writer: Writer, booking: str, seconds: float, kind: str, form: str | None, **issuer: str) -> Written:
    document = {} if form is None else {"document": {"form": form}}
    return writer.event("hold.placed", booking, seconds, hold_id=f"{booking}/2", kind=kind, issuer=issuer, **document)


def _releases(writer: Writer, cast: Cast, pace: float) -> Iterator[Written]:
    """Who may go when, as the courts said before you came."""
    due = (
        (cast.held, 6 * pace, "charges_dropped"),
        (cast.lawful, -_HOUR, "own_recognizance"),
        (cast.notified, 15 * pace, "diversion"),
        (cast.later, 3 * _HOUR, "sentence_served"),
        (cast.probation, -1.5 * _HOUR, "no_charges_filed"),
        (cast.lifted, -_HOUR, "own_recognizance"),
        (cast.ordinary, -2 * _HOUR, "no_charges_filed"),
    )
    for booking, seconds, reason in due:
        said = min(seconds, 0) - 20 * _MINUTE
        yield writer.event("release.due", booking, said, due_at=writer.at(seconds), reason=reason)
    for booking in (cast.lifted, cast.ordinary):
        left = next(seconds for who, seconds, _ in due if who == booking) + 4 * _MINUTE
        yield writer.event("release.completed", booking, left, released_to="self")
    yield writer.event("bail.set", cast.bail, -_HOUR, amount="500.00")


def _acts(writer: Writer, cast: Cast, pace: float, mistake: str) -> Iterator[Act]:
    """What arrives while you watch. `Cast.held` falls due at 6 s without any event: time alone does it."""

    def act(after: float, name: str, kind: str, booking: str, /, **data: object) -> Act:
        return Act(after * pace, name, (writer.event(kind, booking, after * pace, **data).line,))

    yield act(4, "bail-posted", "bail.posted", cast.watched, amount="250.00", covers_all=True)
    warrant = _paper(
        writer, cast.mislabelled, 10 * pace, "judicial_warrant", "I-200",
        agency="Immigration and Customs Enforcement", official_title="Supervisory Deportation Officer",
    )  # fmt: skip
    yield Act(10 * pace, "paper", (warrant.line,))
    yield act(13, "bail-refused", "bail.refused", cast.bail, refused_by="badge 1907", reason="detainer on file")
    yield act(16, "release", "release.completed", cast.notified, released_to="self")
    yield act(18, "release", "release.completed", cast.watched, released_to="self")
    due_at = writer.at(42 * _MINUTE)
    yield act(20, "release-due", "release.due", cast.approaching, due_at=due_at, reason="own_recognizance")
    yield act(24, "message", "message.requested", cast.approaching, **_message(due_at))
    yield act(28, "correction", "event.retracted", cast.correction, retracts=mistake)
    yield Act(32 * pace, "bad-input", (_without_offset(writer, cast.sentence, 32 * pace),))


def _message(due_at: str) -> dict[str, object]:
    return {
        "message_id": "M-1",
        "channel": "smtp",
        "sender": {"user": "records.desk"},
        "recipients": [{"address": "duty.officer@ice.dhs.gov", "agency": _ICE}],
        "purpose": "immigration_enforcement",
        "content": {"release_time": due_at},
        "text": f"{FAMILY_NAMES[0]} will be released at the sally port.",
    }


def _without_offset(writer: Writer, booking: str, seconds: float) -> bytes:
    """A time that could be one of two in the night when the clocks go back: nobody may guess it."""
    person = {"family_name": FAMILY_NAMES[-1]}
    good = writer.event("booking.opened", booking, seconds, person=person)
    time = writer.at(seconds)
    return good.line.replace(time.encode(), time[: -len("-05:00")].encode(), 1)
