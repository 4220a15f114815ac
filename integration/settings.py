"""Settings: one strict TOML file, with environment variables over it; every fault is reported at once."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from connectors.command.config import CommandSettings
from connectors.email.config import EmailSettings
from connectors.kafka.config import Kafka
from connectors.urls import known_url
from connectors.webhook.config import WebhookSettings
from integration.errors import UsageError

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
    look_every_seconds: Positive = 5.0
    engine_silent_after_seconds: Positive = 20.0
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
    command: CommandSettings | None = None
    ping: Ping | None = None
    checks: list[HttpCheck] = []

    @property
    def channel_names(self) -> list[str]:
        """Return the names of all channels."""
        others = [self.command.name] if self.command else []
        return [*(each.name for each in self.webhooks), *(each.name for each in self.emails), *others]

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Watch":
        for what, names in (("channels", self.channel_names), ("checks", [each.name for each in self.checks])):
            if len(set(names)) != len(names):
                raise ValueError(f"two {what} have the same name")
        return self


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
    intake: Intake = Intake()
    kafka: Kafka | None = None
    """Only for workers on Apache Kafka."""
    worker: Worker = Worker()
    logging: Logging = Logging()
    watch: Watch = Watch()

    @model_validator(mode="after")
    def _sources_are_unique(self) -> "Settings":
        sources = [facility.source for facility in self.facilities]
        if len(set(sources)) != len(sources):
            raise ValueError("two facilities have the same source")
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
    def heartbeat_file(self) -> Path:
        """Where the engine says that it lives."""
        return self.watch.heartbeat_file or self.site.state_dir / "heartbeat"

    @property
    def watch_state_file(self) -> Path:
        """Where the watchdog remembers what it told whom."""
        return self.watch.state_file or self.site.state_dir / "watch.json"

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
        raise UsageError(f"{path} is missing; copy holdwatch.example.toml and edit it") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    try:
        return Settings(**content)
    except SettingsError as error:
        raise UsageError(f"environment: {error}; lists and tables are written as JSON there") from None
    except ValidationError as error:
        faults = [f"  {'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg']}" for fault in error.errors()]
        raise UsageError("\n".join([f"{path} has {len(faults)} faults:", *faults])) from None
