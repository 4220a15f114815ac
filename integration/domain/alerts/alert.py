"""An alert: findings of one facility and rule that people are told of together, and how far that has got."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final, NamedTuple

from integration.domain.alerts.said import CaseState
from integration.domain.alerts.topics import Topic
from integration.domain.instants import Instant
from schemas.kinds import Rule, Severity

MOMENT_RULES: Final = frozenset(
    {
        Rule.TRANSFER_WITHOUT_WARRANT,
        Rule.BAIL_REFUSED_ON_DETAINER,
        Rule.MISLABELLED_DOCUMENT,
        Rule.STATUS_INFORMATION_RECEIVED,
    }
)
"""Rules about one moment: their findings are open until somebody acknowledges them (EVENTS.md section 4, rule 9)."""


class Group(NamedTuple):
    """What findings of one alert have in common."""

    source: str
    rule: Topic
    """A finding's rule, or a kind of duty."""
    severity: Severity
    route: str


@dataclass(frozen=True, slots=True)
class Member:
    """A finding in an alert, or a duty."""

    finding_id: str
    """Or `topics.Owed.duty_id`."""
    booking: str
    added_at: Instant
    told: bool = False
    """People were told that it is open."""
    ended_at: Instant | None = None
    state: CaseState = CaseState.OPEN
    end_told: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it still counts as open here."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Alert:
    """Everything that planning needs to know, and all that is kept of it."""

    alert_id: str
    group: Group
    opened_at: Instant
    drill: bool = False
    members: Mapping[str, Member] = field(default_factory=dict)
    closed_at: Instant | None = None
    merged_into: str = ""
    """The alert that its open findings went to: then it closes without a word."""
    acked_at: Instant | None = None
    acked_by: str = ""
    cycle: int = 0
    """One more each time that an acknowledgement ran out."""
    step: int = -1
    """The last step that was told in this cycle; -1: none yet."""
    step_at: Instant = 0
    """When."""
    repeat: int = 0
    repeat_at: Instant = 0
    """When it is told again."""
    rounds: int = 0
    """How often anybody was told: makes the ids of notices."""
    told: tuple[str, ...] = ()
    """Receivers ever told, sorted."""
    told_now: tuple[str, ...] = ()
    """Receivers told in this cycle or since the acknowledgement, sorted: who comes on duty is not among them."""
    tried: tuple[str, ...] = ()
    """Receivers that the present step was told to."""
    failed: tuple[str, ...] = ()
    """Those of them that will not take it."""

    def open_members(self) -> Iterator[Member]:
        """Yield the findings that are open."""
        return (each for each in self.members.values() if each.is_open)

    @property
    def is_open(self) -> bool:
        """Whether any finding of it is."""
        return any(self.open_members())

    def with_members(self, *changed: Member) -> "Alert":
        """Put members in, or over those they replace."""
        return replace(self, members={**self.members, **{each.finding_id: each for each in changed}})


def mark(finding_id: str) -> str:
    """Return what stands for a finding in a form that says which ones were shown: ten letters, whatever its id."""
    return sha256(finding_id.encode()).hexdigest()[:10]


def alert_id(group: Group, opened_at: Instant, first: str) -> str:
    """Return an alert's id: short, and the same for the same facts.

    Args:
        group: what it is about.
        opened_at: when its first finding was known.
        first: tells alerts of one group and instant apart; a finding's id, or empty.
    """
    digest = sha256("\x00".join((*map(str, group), str(opened_at), first)).encode()).digest()
    return "a" + "".join(_LETTERS[byte & 31] for byte in digest[:9])


_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: nothing that is misheard or misread for something else."""


def notice_id(alert: Alert, receiver: str) -> str:
    """Return the id of the notice that a receiver gets in the present round: the same after a crash."""
    digest = sha256(f"{alert.alert_id}\x00{alert.rounds}\x00{receiver}".encode()).hexdigest()
    return f"{alert.alert_id}-{alert.rounds}-{digest[:12]}"
