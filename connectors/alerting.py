"""Settings of alerting, ``[alerts]``: who is told of findings, in which order, through which channels."""

from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.channels import Receiver
from connectors.duties import DutySettings
from connectors.urls import known_url
from integration.domain.alerts.topics import DutyKind
from schemas.kinds import Rule, Severity

Positive = Annotated[float, Field(gt=0)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")]


def _known_zone(name: str) -> str:
    if name and name not in available_timezones():
        raise ValueError("no IANA time zone of that name")
    return name


class Table(BaseModel):
    """A table: closed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ShiftCalendar(Table):
    """A file that says who is on duty when (connectors/shifts/README.md)."""

    name: Name
    path: Path
    zone: Annotated[str, AfterValidator(_known_zone)] = ""
    """Of its local times. Left out: the first facility's."""


class AlertStep(Table):
    """Who is told, and how long they have before the next step is told too."""

    receivers: list[str] = []
    shifts: list[str] = []
    """Calendars: whoever is on duty."""
    wait_minutes: Positive = 15.0


class AlertRoute(Table):
    """What happens to findings and duties of some facilities, rules and severities; empty lists mean all."""

    name: Name
    facilities: list[str] = []
    rules: list[Rule] = []
    duties: list[DutyKind] = []
    """Kinds of duty. Where either of the two is given, only what they name goes this way."""
    severities: list[Severity] = []
    steps: list[AlertStep] = []
    gather_seconds: Annotated[float, Field(ge=0, le=60)] = 10.0
    """How long a finding waits for others, so that they are told together."""
    window_minutes: Annotated[float, Field(ge=0, le=60)] = 5.0
    """For how long findings of one facility and rule join an alert. 0: each has its own."""
    repeat_minutes: Annotated[float, Field(ge=1)] = 15.0
    reopen_minutes: Annotated[float, Field(ge=1)] = 30.0
    """How long an acknowledgement counts while the finding stays open."""


class SilenceBounds(Table):
    """For how long a silence may last at the most, by severity. 0: it cannot be silenced."""

    violation_minutes: Annotated[float, Field(ge=0)] = 60.0
    warning_minutes: Annotated[float, Field(ge=0)] = 1440.0
    advice_minutes: Annotated[float, Field(ge=0)] = 10080.0
    most_in_a_row: Annotated[int, Field(ge=1, le=10)] = 2
    """How many of the longest silences may follow each other, whoever sets them. Then it rings, and goes on ringing."""


class AckPage(Table):
    """The page behind the link in a notice."""

    url: Annotated[str, AfterValidator(known_url)]
    """As receivers reach it: of a proxy with a certificate, in front of this process."""
    address: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8480
    valid_minutes: Positive = 720.0


class Alerts(Table):
    """Who is told of findings, in which order, through what; and what they owe."""

    receivers: Annotated[list[Receiver], Field(min_length=1)]
    shifts: list[ShiftCalendar] = []
    routes: Annotated[list[AlertRoute], Field(min_length=1)]
    silences: SilenceBounds = SilenceBounds()
    duties: DutySettings = DutySettings()
    page: AckPage | None = None
    metrics_address: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Of ``/metrics``, ``/healthz`` and ``/readyz``. None: nothing is served. 0: a free one, told in the log."""
    beside_engine: bool = True
    """Whether `holdwatch run` tells people itself. false: `holdwatch alerts run` does, as a process of its own."""
    audit_review_days: Annotated[float, Field(gt=0)] = 7.0
    """CJISSECPOL 6.0 AU-6: the audit log is reviewed weekly."""

    @model_validator(mode="after")
    def _names_fit(self) -> "Alerts":
        receivers, shifts = [each.name for each in self.receivers], [each.name for each in self.shifts]
        for what, names in (
            ("receivers", receivers),
            ("shifts", shifts),
            ("routes", [each.name for each in self.routes]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(f"two {what} have the same name")
        for route in self.routes:
            for step in route.steps:
                if unknown := {*step.receivers} - {*receivers} | {*step.shifts} - {*shifts}:
                    raise ValueError(f"the route {route.name} names {', '.join(sorted(unknown))}, which is not there")
                if not step.receivers and not step.shifts:
                    raise ValueError(f"a step of the route {route.name} tells nobody")
            if route.steps and not route.steps[-1].receivers:
                raise ValueError(
                    f"the last step of the route {route.name} names no receiver: an empty shift would leave nobody"
                )
        return self

    @model_validator(mode="after")
    def _the_last_route_takes_everything(self) -> "Alerts":
        last = self.routes[-1]
        if last.facilities or last.rules or last.duties or last.severities:
            raise ValueError(f"the last route, {last.name}, does not take everything: some findings would tell nobody")
        return self
