"""The mapping file: what an integrator tells this connector about one county's messages.

A file needs ``source`` and ``zone``; everything else falls back to ``default_mapping.toml``, where every key is
explained. All faults of a file are reported at once.
"""

import tomllib
from collections.abc import Mapping as Dictionary
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from connectors.jms_niem.times import DueRule
from integration.domain.agencies import Directory

DEFAULTS: Final = Path(__file__).with_name("default_mapping.toml")


class AgencyClass(StrEnum):
    """What holding somebody for an agency means."""

    IMMIGRATION = "immigration"
    OTHER = "other"
    OWN = "own"
    NONE = "none"


class Effect(StrEnum):
    """What a status, type or disposition says about keeping the person on a charge."""

    ACTIVE = "active"
    NO_BOND = "no_bond"
    POSTED = "posted"
    OWN_RECOGNIZANCE = "own_recognizance"
    COURT_ORDER = "court_order"
    SENTENCE_SERVED = "sentence_served"
    CHARGES_DROPPED = "charges_dropped"
    ACQUITTED = "acquitted"
    DIVERSION = "diversion"
    NO_CHARGES_FILED = "no_charges_filed"
    OTHER = "other"
    COMBINED = "combined"
    SENTENCED = "sentenced"
    OTHER_JURISDICTION = "other_jurisdiction"
    IMMIGRATION = "immigration"


class MappingFileError(ValueError):
    """A mapping file cannot be used. The message lists every fault, one a line."""


def fold(name: str) -> str:
    """Write a code or name comparably: letters and digits only, lower case."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not a zone of the IANA database, such as America/Denver") from None
    return name


def _has_letters(name: str) -> str:
    if not fold(name):
        raise ValueError("needs at least one letter or digit")
    return name


Name = Annotated[str, AfterValidator(_has_letters)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Section):
    """How much of a document is read: bytes, and levels of nesting."""

    max_bytes: Annotated[int, Field(gt=0, strict=True)]
    max_depth: Annotated[int, Field(gt=0, le=200, strict=True)]


class Immigration(_Section):
    """Names of immigration authorities, as whole words, and names that only look like one."""

    names: Annotated[list[Name], Field(min_length=1)]
    not_names: list[Name]


class Words(_Section):
    """Word lists: what makes a row a hold, a status a sentence, a place a court."""

    immigration: Annotated[list[Name], Field(min_length=1)]
    hold: Annotated[list[Name], Field(min_length=1)]
    filler: list[Name]
    sentenced: list[Name]
    court: list[Name]
    hospital: list[Name]
    agency: list[Name]
    temporary: list[Name]


class Agency(_Section):
    """What a county's agency code stands for."""

    name: Name
    class_: Annotated[AgencyClass, Field(alias="class")]


class Mapping(_Section):
    """One county's mapping. See ``default_mapping.toml`` for what each key means."""

    source: Annotated[str, Field(min_length=1, max_length=512, pattern=r"^\S+$")]
    zone: Annotated[str, AfterValidator(_known_zone)]
    date_only_due: DueRule
    subject_number_is_booking_number: Annotated[bool, Field(strict=True)]
    limits: Limits
    immigration: Immigration
    words: Words
    agencies: dict[Name, Agency]
    bond_statuses: dict[Name, Effect]
    bond_types: dict[Name, Effect]
    charge_statuses: dict[Name, Effect]
    languages: dict[Name, str]

    @cached_property
    def time_zone(self) -> ZoneInfo:
        """The facility's zone."""
        return ZoneInfo(self.zone)

    @cached_property
    def authorities(self) -> Directory:
        """Immigration authorities by name."""
        return Directory(tuple(self.immigration.names), not_names=tuple(self.immigration.not_names))

    @cached_property
    def agency_table(self) -> Dictionary[str, Agency]:
        """Agencies by folded code or name."""
        return {fold(code): agency for code, agency in self.agencies.items()}

    @cached_property
    def effects(self) -> Dictionary[str, Dictionary[str, Effect]]:
        """The three tables of effects by folded code, under their own names."""
        tables = {
            "bond_statuses": self.bond_statuses,
            "bond_types": self.bond_types,
            "charge_statuses": self.charge_statuses,
        }
        return {name: {fold(code): effect for code, effect in table.items()} for name, table in tables.items()}

    @cached_property
    def word_sets(self) -> Dictionary[str, frozenset[str]]:
        """Each word list as a folded set, under its own name."""
        return {name: frozenset(map(fold, words)) for name, words in self.words.model_dump().items()}

    @cached_property
    def language_table(self) -> Dictionary[str, str]:
        """Languages by folded code."""
        return {fold(code): name for code, name in self.languages.items()}


def load_mapping(file: Path) -> Mapping:
    """Read a mapping file, laid over the defaults.

    Raises:
        MappingFileError: it cannot be read, is not TOML, or holds faults; all are named at once.
    """
    try:
        with file.open("rb") as opened:
            own = tomllib.load(opened)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingFileError(f"{file}: {error}") from error
    return mapping_from(own, name=str(file))


def mapping_from(own: dict[str, Any], *, name: str = "mapping") -> Mapping:
    """Lay a county's own settings over the defaults.

    Args:
        own: parsed TOML; needs ``source`` and ``zone``.
        name: what to call it in an error.

    Raises:
        MappingFileError: with every fault, one a line.
    """
    with DEFAULTS.open("rb") as opened:
        merged = _merged(tomllib.load(opened), own)
    try:
        mapping = Mapping.model_validate(merged)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise MappingFileError("\n".join([f"{name}:", *faults])) from None
    if clashes := _clashes(own):
        raise MappingFileError("\n".join([f"{name}:", *clashes]))
    return mapping


def _merged(defaults: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    for key, value in own.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            # A county writes "posted bond" where the defaults have "Posted Bond": its own word takes the place.
            kept = {name: entry for name, entry in old.items() if fold(name) not in set(map(fold, value))}
            merged[key] = kept | value if key not in {"limits", "immigration", "words"} else old | value
        else:
            merged[key] = value
    return merged


def _clashes(own: dict[str, Any]) -> list[str]:
    """Name keys of one table that differ only in case or punctuation: which one is meant nobody can say."""
    clashes: list[str] = []
    for table, entries in own.items():
        seen: dict[str, str] = {}
        for key in entries if isinstance(entries, dict) else ():
            first = seen.setdefault(fold(key), key)
            if first != key and entries[first] != entries[key]:
                clashes.append(f"{table}.{key}: says something else than {first}, which reads the same")
    return clashes
