"""Who is told of what, in which order, and how patiently: the settings as the planner needs them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from integration.domain.alerts.topics import Topic
from integration.domain.instants import Duration, Instant
from schemas.kinds import Severity


@dataclass(frozen=True, slots=True)
class Step:
    """Some receivers, and how long they are given before the next step is told too."""

    receivers: tuple[str, ...]
    """Told at any hour."""
    calendars: tuple[str, ...]
    """Shift calendars: whoever is on duty is told."""
    wait: Duration
    """From the instant this step is told. Not used by the last step."""


@dataclass(frozen=True, slots=True)
class Route:
    """What happens to findings and duties of some facilities, topics and severities."""

    name: str
    facilities: frozenset[str]
    """Empty: of all. So are the next two."""
    rules: frozenset[Topic]
    severities: frozenset[Severity]
    steps: tuple[Step, ...]
    """None: nobody is told; such alerts stand in lists only."""
    gather: Duration
    """How long a finding waits for others before it is told."""
    window: Duration
    """For how long findings join an alert after it was opened. 0: each finding has an alert of its own."""
    repeat: Duration
    """An alert that nobody acknowledges is told again so often."""
    reopen: Duration
    """How long an acknowledgement counts while a finding stays open."""

    def takes(self, source: str, rule: Topic, severity: Severity) -> bool:
        """Tell whether findings of this kind go this way."""
        return (
            (not self.facilities or source in self.facilities)
            and (not self.rules or rule in self.rules)
            and (not self.severities or severity in self.severities)
        )


RouteOf = Callable[[str, Topic, Severity], Route]
"""From facility, topic and severity to the first route that takes them. There always is one."""
OnDuty = Callable[[str, Instant], Sequence[str]]
"""From a calendar's name and an instant to the receivers on duty then."""
NextChange = Callable[[str, Instant], Instant]
"""From a calendar's name to the first instant after another at which somebody else is on duty; `NEVER`."""


@dataclass(frozen=True, slots=True)
class Duty:
    """The shift calendars, as far as they are known."""

    on_duty: OnDuty
    next_change: NextChange

    def of(self, step: Step, at: Instant) -> tuple[str, ...]:
        """Return whom a step reaches at an instant, each once; nobody for an empty shift."""
        shifts = [name for calendar in step.calendars for name in self.on_duty(calendar, at)]
        return tuple(dict.fromkeys((*step.receivers, *shifts)))

    def changes_after(self, steps: Sequence[Step], at: Instant, never: Instant) -> Instant:
        """Return the first instant after ``at`` at which somebody else may be on duty in one of the steps."""
        changes = (self.next_change(calendar, at) for step in steps for calendar in step.calendars)
        return min(changes, default=never)
