"""All that one notice of an alert can say: what the planner hands to whoever writes the words.

No name, no birth date, no status: bookings, ids, kinds and times. Instants are UTC; the words put them in the zone.
"""

from dataclasses import dataclass
from enum import StrEnum

from integration.domain.alerts.topics import Topic
from integration.domain.instants import Instant
from schemas.kinds import Severity


class Stage(StrEnum):
    """Why a notice goes out."""

    FIRST = "first"
    """The alert is told for the first time."""
    ADDED = "added"
    """More findings have joined an alert that was told."""
    REPEATED = "repeated"
    """Nobody has acknowledged it."""
    ESCALATED = "escalated"
    """Nobody of the step before has acknowledged it in time, or nobody of it could be reached."""
    HANDED_OVER = "handed_over"
    """Whoever came on duty is told what is open, acknowledged or not."""
    REOPENED = "reopened"
    """It was acknowledged, and is still open after the time that an acknowledgement counts for."""
    ENDED = "ended"
    """Some findings of it have ended, others have not."""
    CLOSED = "closed"
    """All of it has ended: the last notice."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody has taken it on. Told to channels that keep a state of it, and to no person."""
    MERGED = "merged"
    """Its findings went on in another alert, which tells of them. As `ACKNOWLEDGED`."""
    TEST = "test"
    """A receiver is tried out; there is no alert."""


class CaseState(StrEnum):
    """What has become of a finding that an alert speaks of."""

    OPEN = "open"
    RESOLVED = "resolved"
    """Its stretch has ended."""
    WITHDRAWN = "withdrawn"
    """Later facts made it untrue."""
    ACKNOWLEDGED = "acknowledged"
    """A finding about one moment, which somebody has taken note of (EVENTS.md section 4, rule 9)."""


class Missing(StrEnum):
    """A paper that would change the answer and is not on file."""

    JUDICIAL_WARRANT = "judicial_warrant"
    """Signed by a judge of a court."""
    WARRANT_VERIFIED = "warrant_verified"
    """A judicial warrant is on file; nobody has asked the court yet, and the pack wants that."""
    NOTICE_SERVED = "notice_served"
    """A record that the person was given a copy."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A hold or request that the finding's evidence names."""

    hold_id: str
    event_id: str
    kind: str
    """What the paper is (a `HoldKind` value), whatever its label; ``no_valid_warrant`` for one that is nothing."""
    form: str
    """The form's number as in ``I-247A``; empty where it is not known."""
    placed_at: Instant
    expires_at: Instant | None


@dataclass(frozen=True, slots=True)
class Case:
    """One finding of an alert."""

    finding_id: str
    booking: str
    rule: Topic
    about: str
    """The hold or event that the rule speaks of; empty for rules about a stretch. What a duty is about."""
    since: Instant
    until: Instant | None
    """When it ended, or will; None while nothing is known. Of a duty: when it is due, as `since`."""
    raised_at: Instant
    state: CaseState
    new: bool
    """Told for the first time by this notice to those who are told."""
    evidence: tuple[str, ...]
    """Event ids."""
    names: tuple[tuple[str, str], ...]
    """What the evidence shows, as ``("labelled", "judicial_warrant")``."""
    papers: tuple[Paper, ...]
    """On file, by time."""
    missing: tuple[Missing, ...]
    provisions: tuple[str, ...]
    """Numbers of the pack's clauses."""
    pack: str
    pack_revision: str


@dataclass(frozen=True, slots=True)
class Next:
    """Who is told next if nobody acknowledges, and when."""

    at: Instant
    receivers: tuple[str, ...]
    """Those who are on duty at that time, as it is known now. Empty: an empty shift, which is passed over at once."""
    step: int
    """From 1."""


@dataclass(frozen=True, slots=True)
class Acked:
    """Who has acknowledged, and until when that counts."""

    by: str
    """As in ``officer:jdoe`` or ``receiver:desk-mail``."""
    at: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class Said:
    """One notice. Everything that any form of it (text, HTML, short, data) may say."""

    notice_id: str
    """The same for every attempt. Letters, digits, dashes."""
    alert_id: str
    """The same for every notice of one alert. Letters, digits, dashes; short enough to be said on the telephone."""
    receiver: str
    stage: Stage
    at: Instant
    """When this notice became due."""
    now: Instant
    """When it is written: durations are counted to here."""
    site: str
    facility: str
    """The ``source`` of the feed."""
    zone: str
    """The facility's IANA zone."""
    rule: Topic
    severity: Severity
    """Of the alert: the same in all its notices."""
    opened_at: Instant
    cases: tuple[Case, ...]
    """Open ones first, oldest first; bounded (`MOST_CASES`)."""
    open_count: int
    """How many are open, with those that `cases` leaves out."""
    total: int
    """How many findings the alert has."""
    step: int
    """How far it was escalated, from 1."""
    steps: int
    repeat: int
    """0 the first time; counts reminders."""
    cycle: int
    """0; one more each time that an acknowledgement ran out."""
    told: tuple[str, ...]
    """Receivers that this notice goes to, this one too."""
    next_told: Next | None
    """None: nobody else is to be told, or it is acknowledged or over."""
    repeat_at: Instant | None
    """When it will be repeated if nobody acknowledges."""
    acked: Acked | None
    link: str
    """Where to see and acknowledge it; empty where no such page is set up, or nothing is left to acknowledge.
    It is a secret of this one notice: it goes into the notice and nowhere else (no log, no audit entry)."""
    link_until: Instant | None
    drill: bool
    """An exercise: MUST be said first, in every form."""


MOST_CASES = 50
"""In one notice, and in one alert: whoever is told of an alert is told of each of its findings."""
