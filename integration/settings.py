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
    packs: Annotated[list[PackChoice], Field(min_length=1)]


class DropFolder(Table):
    """A folder that files are dropped into."""

    path: Path
    mapping: Path | None = None
    """Mapping file for XML documents dropped here; without one only JSON Lines are read."""


class Intake(Table):
    """How many events one transaction takes."""

    batch_size: Annotated[int, Field(gt=0, le=50_000)] = 1000


class Logging(Table):
    """What goes to standard error, as JSON lines. Never a name, never a body."""

    level: Literal["debug", "info", "warning", "error"] = "info"


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
    logging: Logging = Logging()

    @model_validator(mode="after")
    def _sources_are_unique(self) -> "Settings":
        sources = [facility.source for facility in self.facilities]
        if len(set(sources)) != len(sources):
            raise ValueError("two facilities have the same source")
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
