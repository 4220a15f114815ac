"""Settings: one strict TOML file, with environment variables over it; every fault is reported at once."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from connectors.alerting import Alerts
from connectors.channels import Receiver
from connectors.command.config import CommandSettings
from connectors.email.config import EmailSettings, MailAddress
from connectors.http_gateway.config import HttpGateway
from connectors.kafka.config import GateKafka, Kafka
from connectors.oidc.config import OidcSettings
from connectors.smtp_gateway.config import Listen, Upstream
from connectors.sources import Source
from connectors.urls import known_url
from connectors.webhook.config import WebhookSettings
from integration.errors import UsageError
from integration.reports.asked import Format, ReportKind
from integration.services.complaints import ComplaintKind

Positive = Annotated[float, Field(gt=0)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("no IANA time zone of that name")
    return name


class Table(BaseModel):
    """A table of the settings: closed, but paths, dates and numbers are written as text in files and environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(Table):
    """Where this runs."""

    name: Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9._-]+$")]
    state_dir: Path


class Database(Table):
    """Where state is kept. Empty: a SQLite file in the state folder."""

    url: str = ""


class Log(Table):
    """The audit log's name and its checkpoints."""

    origin: Annotated[str, Field(min_length=1, pattern=r"^[^\s+]+$")]
    checkpoint_every_seconds: Positive = 10.0


class PackChoice(Table):
    """A policy pack, from a day on (the facility's calendar)."""

    pack: str
    effective_from: date | None = None


class Facility(Table):
    """One feed, its time zone and its policy."""

    source: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(max_length=120)] = ""
    """What people call it, for papers that a person in custody gets; the feed's name where it is empty."""
    zone: Annotated[str, AfterValidator(_known_zone)]
    silent_after_minutes: Positive = 1440.0
    """How long it may bring nothing new before `holdwatch watch` tells."""
    packs: Annotated[list[PackChoice], Field(min_length=1)]


class DropFolder(Table):
    """A folder that files are dropped into."""

    path: Path
    mapping: Path | None = None
    """Mapping file for XML documents dropped here; without one only JSON Lines are read."""


class Intake(Table):
    """How many events one transaction takes, and by which clock."""

    batch_size: Annotated[int, Field(gt=0, le=50_000)] = 1000
    clock: Literal["system", "recorded"] = "system"
    """``recorded``, for importing history: it is as late as the latest event's ``recordedtime``."""


class Worker(Table):
    """A worker on Apache Kafka, and the sequencer."""

    metrics_address: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 9464
    """Of ``/metrics``, ``/healthz`` and ``/readyz``. 0: a free one, told in the log."""
    stand_by: bool = True
    """Whether a worker becomes the sequencer where there is none."""


class Logging(Table):
    """What goes to standard error, as JSON lines. Never a name, never a body."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class MetricLimit(Table):
    """A Prometheus metric of a check, and between what it has to be. Of several with these labels, each."""

    metric: Annotated[str, Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
    labels: dict[str, str] = {}
    at_least: float | None = None
    at_most: float | None = None
    at_most_seconds_old: float | None = None
    """For a metric that is a time: seconds since 1970, UTC."""


class HttpCheck(Table):
    """Something beside the engine that answers over HTTP: a worker's ``/readyz`` or ``/metrics``."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")]
    url: Annotated[str, Field(pattern=r"^https?://[^/\s]+")]
    status: Annotated[int, Field(ge=100, lt=600)] = 200
    limits: list[MetricLimit] = []


class Ping(Table):
    """The heartbeat out, for a dead-man's switch elsewhere. Sent only while all is well."""

    url: Annotated[str, AfterValidator(known_url)]
    method: Literal["GET", "POST"] = "GET"
    every_seconds: Positive = 60.0
    ca_file: Path | None = None


class Watch(Table):
    """What `holdwatch watch` looks at, from when on it tells, and through which channels."""

    heartbeat_file: Path | None = None
    state_file: Path | None = None
    engine: bool = True
    alerting: bool | None = None
    """Whether alerting is to be alive here. None: where ``[alerts]`` is set."""
    gate: bool | None = None
    """Whether the gate is to be alive here. None: where ``[gate]`` is set."""
    look_every_seconds: Positive = 5.0
    engine_silent_after_seconds: Positive = 20.0
    beside_silent_after_seconds: Positive = 20.0
    """For alerting and the gate."""
    log_unwritable_after_seconds: Positive = 20.0
    checkpoint_behind_after_seconds: Positive = 40.0
    check_failing_after_seconds: Positive = 20.0
    disk_hanging_after_seconds: Positive = 10.0
    disk_nearly_full_percent: Annotated[float, Field(gt=0, le=100)] = 90.0
    disk_full_megabytes: Annotated[int, Field(ge=0)] = 256
    disk_days_left: Annotated[float, Field(ge=0)] = 7.0
    clock_behind_seconds: Positive = 2.0
    repeat_every_minutes: Positive = 15.0
    settle_seconds: Positive = 30.0
    webhooks: list[WebhookSettings] = []
    emails: list[EmailSettings] = []
    receivers: list[Receiver] = []
    """Of any other kind."""
    command: CommandSettings | None = None
    ping: Ping | None = None
    checks: list[HttpCheck] = []

    @property
    def channel_names(self) -> list[str]:
        """Return the names of all channels."""
        others = [*self.receivers, *([self.command] if self.command else [])]
        return [each.name for each in (*self.webhooks, *self.emails, *others)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Watch":
        for what, names in (("channels", self.channel_names), ("checks", [each.name for each in self.checks])):
            if len(set(names)) != len(names):
                raise ValueError(f"two {what} have the same name")
        return self


_BANNER = (
    "This is a computer system of a law enforcement agency. Its use may be monitored, recorded and audited. "
    "Unauthorised use is prohibited and may be punished under criminal and civil law. "
    "Using it means consent to monitoring and recording."
)
"""The four statements that CJISSECPOL 6.0 AC-8 asks for."""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def _console_url(text: str) -> str:
    scheme, slashes, host = text.partition("://")
    name = re.fullmatch(r"([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", host)
    if not slashes or name is None:
        raise ValueError("is not https://HOST or https://HOST:PORT")
    if scheme != "https" and not (scheme == "http" and name[1] in _LOOPBACK):
        raise ValueError("is not https, and only this machine itself may be spoken to without")
    return text


class Console(Table):
    """The web console."""

    url: Annotated[str, AfterValidator(_console_url)] = "http://127.0.0.1:8420"
    """As browsers have it. Requests for any other host are refused."""
    address: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8420
    cert_file: Path | None = None
    """Certificate and key; without them a proxy on this machine does the encryption."""
    key_file: Path | None = None
    search_file: Path | None = None
    idle_minutes: Annotated[float, Field(gt=0, le=30)] = 30.0
    """CJISSECPOL 6.0 AC-11."""
    session_hours: Annotated[float, Field(gt=0, le=12)] = 12.0
    """CJISSECPOL 6.0 IA-11."""
    tries: Annotated[int, Field(ge=1, le=5)] = 5
    try_minutes: Annotated[float, Field(ge=15)] = 15.0
    """CJISSECPOL 6.0 AC-7."""
    token_days: Annotated[int, Field(ge=1, le=366)] = 90
    """How long a key for a program is good at the most."""
    banner: Annotated[str, Field(min_length=1)] = _BANNER
    oidc: OidcSettings | None = None
    """Without it everybody logs in with a password and a one-time code of the console's own."""

    @model_validator(mode="after")
    def _encrypted_or_local(self) -> "Console":
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together")
        if self.cert_file is None and self.address not in ("127.0.0.1", "::1"):
            raise ValueError("address is not this machine's own, and there is no cert_file")
        return self


class Reports(Table):
    """Where `holdwatch report file` puts reports when their period is over, and what it files."""

    folder: Path | None = None
    """None: a folder ``reports`` in the state folder."""
    kinds: Annotated[list[ReportKind], Field(min_length=1)] = [ReportKind.COUNCIL]
    columns: str = "m-4"
    """Column set of the council's report: the id of a shipped one, or a file."""
    formats: Annotated[list[Format], Field(min_length=1)] = [Format.PDF, Format.CSV]
    email: EmailSettings | None = None
    """A mailbox that the public copies are sent to."""
    tally_months: Annotated[int, Field(ge=1)] = 120
    """How long the anonymous tally is kept. Its own matter: it outlives the case files and says nothing of anybody."""


class ComplaintOffices(Table):
    """Which office investigates a complaint (model ordinance, section 3)."""

    office: Annotated[str, Field(min_length=1, max_length=100)] = "the compliance officer"
    """Of every kind that ``offices`` does not name."""
    offices: dict[ComplaintKind, Annotated[str, Field(min_length=1, max_length=100)]] = {}

    def office_of(self, kind: ComplaintKind) -> str:
        """Return the office that investigates a kind of complaint."""
        return self.offices.get(kind, self.office)


class Gate(Table):
    """The gate for outgoing mail: `holdwatch gate run`."""

    source: str = ""
    """The facility whose pack decides, by the source of its feed. Empty: the only one there is."""
    notices_from: MailAddress
    """Who writes to a sender why a message did not leave. Replies to it should reach a person."""
    contact: str = ""
    """Whom a sender asks for an approval, in words: "the records bureau, extension 4100"."""
    retention_days: Positive = 30.0
    """How long a blocked message waits for a person."""
    retry_first_seconds: Positive = 2.0
    retry_longest_seconds: Positive = 900.0
    give_up_hours: Positive = 48.0
    """How long the mail server behind it may be away before senders are told that their mail was not delivered."""
    roster: Path | None = None
    """A CSV file of the people in custody (connectors/roster/README.md). Without one no name is known."""
    roster_look_seconds: Positive = 2.0
    examiners: Annotated[int, Field(ge=0, le=64)] | None = None
    """Processes that examine mail. None: one for each processor, four at the most, and none where there are two or one.
    0: the gateway examines by itself."""
    metrics_address: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Of ``/metrics``, ``/healthz`` and ``/readyz``. None: nothing is served. 0: a free one, told in the log."""
    smtp: Listen = Listen()
    upstream: Upstream
    http: HttpGateway | None = None
    """Without it there is no HTTP listener."""
    kafka: GateKafka | None = None
    """Without it no topic is read. With a user of the gate's own, who alone may write the released topic."""


Port = Annotated[int, Field(gt=0, lt=65536)]


class DoctorEgress(Table):
    """Where `holdwatch doctor egress` looks for a way out past the gate."""

    mail_hosts: list[Annotated[str, Field(min_length=1)]] = []
    """Mail servers outside. Connections to them are opened and closed again."""
    mail_ports: list[Port] = [25, 465, 587]
    web_ports: list[Port] = [443, 80]
    """Tried on the domains that the packs list as immigration authorities."""
    dns_servers: list[Annotated[str, Field(pattern=r"^[0-9a-fA-F:.]+$")]] = []
    """Addresses of name servers outside."""
    dns_port: Port = 53
    seconds: Positive = 3.0


class Settings(BaseSettings):
    """The whole of ``holdwatch.toml``. ``HOLDWATCH_SITE__NAME`` and the like in the environment come first."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="HOLDWATCH_", env_nested_delimiter="__", strict=False
    )

    site: Site
    log: Log
    facilities: Annotated[list[Facility], Field(min_length=1)]
    database: Database = Database()
    drop_folders: list[DropFolder] = []
    sources: list[Source] = []
    """Connectors of `holdwatch connect run`."""
    intake: Intake = Intake()
    kafka: Kafka | None = None
    """Only for workers on Apache Kafka."""
    worker: Worker = Worker()
    logging: Logging = Logging()
    watch: Watch = Watch()
    gate: Gate | None = None
    """Only for `holdwatch gate run`."""
    doctor_egress: DoctorEgress = DoctorEgress()
    reports: Reports = Reports()
    complaints: ComplaintOffices = ComplaintOffices()
    console: Console = Console()
    alerts: Alerts | None = None
    """Without it nobody is told of findings."""

    @model_validator(mode="after")
    def _sources_are_unique(self) -> "Settings":
        sources = [facility.source for facility in self.facilities]
        if len(set(sources)) != len(sources):
            raise ValueError("two facilities have the same source")
        return self

    @model_validator(mode="after")
    def _routes_name_facilities(self) -> "Settings":
        sources = {facility.source for facility in self.facilities}
        for route in self.alerts.routes if self.alerts else []:
            if unknown := {*route.facilities} - sources:
                raise ValueError(f"the alert route {route.name} names the facility {min(unknown)}, which is not there")
        return self

    @model_validator(mode="after")
    def _connectors_are_unique(self) -> "Settings":
        names = [source.name for source in self.sources]
        if len(set(names)) != len(names):
            raise ValueError("two sources have the same name")
        return self

    @model_validator(mode="after")
    def _checkpoints_have_time(self) -> "Settings":
        if self.watch.checkpoint_behind_after_seconds < 2 * self.log.checkpoint_every_seconds:
            raise ValueError(
                "watch.checkpoint_behind_after_seconds is less than twice log.checkpoint_every_seconds: "
                "it would tell of every checkpoint that is on its way"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the library fixes the parameters
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment come before the file."""
        assert isinstance(env_settings, EnvSettingsSource)
        return env_settings, init_settings

    @property
    def database_url(self) -> str:
        """Where the database is."""
        return self.database.url or f"sqlite:///{self.site.state_dir / 'holdwatch.sqlite'}"

    @property
    def anchor_file(self) -> Path:
        """Where the last signed checkpoint is kept, outside the database."""
        return self.site.state_dir / "anchor"

    @property
    def reports_folder(self) -> Path:
        """Where filed reports go."""
        return self.reports.folder or self.site.state_dir / "reports"

    @property
    def heartbeat_file(self) -> Path:
        """Where the engine says that it lives."""
        return self.watch.heartbeat_file or self.site.state_dir / "heartbeat"

    def beat_file(self, process: str) -> Path:
        """Return where a process beside the engine says that it lives: ``alerting`` or ``gate``."""
        return self.heartbeat_file.with_name(f"{self.heartbeat_file.name}.{process}")

    @property
    def watch_state_file(self) -> Path:
        """Where the watchdog remembers what it told whom."""
        return self.watch.state_file or self.site.state_dir / "watch.json"

    @property
    def search_file(self) -> Path:
        """Where the console's own copy for searching the log is kept."""
        return self.console.search_file or self.site.state_dir / "search.sqlite"

    def key_file(self, name: str) -> Path:
        """Return the path of a key. Keys live in files of their own, readable by the service alone."""
        return self.site.state_dir / "keys" / f"{name}.key"


def load_settings(path: Path) -> Settings:
    """Read settings.

    Raises:
        UsageError: the file is missing, is no TOML, or holds faults; every fault is named, none of its values.
    """
    try:
        with path.open("rb") as stream:
            content: dict[str, Any] = tomllib.load(stream)
    except FileNotFoundError:
        raise UsageError(f"{path} is missing: `holdwatch init` writes one, --settings names another") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    try:
        return Settings(**content)
    except SettingsError as error:
        raise UsageError(f"environment: {error}; lists and tables are written as JSON there") from None
    except ValidationError as error:
        faults = faults_of(error)
        raise UsageError("\n".join([f"{path} has {len(faults)} faults:", *faults])) from None


def faults_of(error: ValidationError) -> list[str]:
    """Return a line for each fault of settings: where it is and what is wrong, never the value."""
    return [f"  {'.'.join(map(str, fault['loc'])) or 'settings'}: {_said(fault)}" for fault in error.errors()]


def _said(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such key"
    return fault["msg"].removeprefix("Value error, ")
