"""The mapping file's shape. Every key is explained in docs/connectors.md; what is checked across keys is in `check`."""

from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from connectors.mapping.times import Clock, DateOnly, RepeatedHour, SkippedHour, is_format

Column = Annotated[str, Field(min_length=1, max_length=256)]
"""A path as `record.Record` reads it."""
Scalar = str | bool | int


def fold(code: str) -> str:
    """Write a code comparably: letters and digits only, lower case; what has neither stays as it is."""
    folded = "".join(character for character in code.casefold() if character.isalnum())
    return folded or code.strip()


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("not a zone of the IANA database, such as America/Denver")
    return name


def _format(text: str) -> str:
    if not is_format(text):
        raise ValueError(
            "neither iso, epoch_s, epoch_ms, epoch_us, epoch_ns (also local_...), epoch_days, "
            "nor a strptime format with a year, and with %p where it has %I"
        )
    return text


Zone = Annotated[str, AfterValidator(_zone)]
Format = Annotated[str, AfterValidator(_format)]


class Section(BaseModel):
    """A table of the file: closed, and nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class InputForm(Section):
    """How records are written."""

    format: Literal["csv", "json"] = "csv"
    encoding: Literal["detect", "utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"] = "detect"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    columns: list[Column] = []
    """Names of the columns, for files without a header."""
    rows: str = ""
    """Path of the list of records in a JSON document; empty: the document is the list, or one record."""
    optional: list[Column] = []
    """JSON: columns that a record may leave out, with ``[]`` after a list: ``charges[].released``."""
    max_bytes: Annotated[int, Field(gt=0)] = 64 * 2**20


class Times(Section):
    """How times are written, and what a clock change does to them."""

    formats: Annotated[list[Format], Field(min_length=1)] = ["iso"]
    repeated_hour: RepeatedHour = "earlier"
    skipped_hour: SkippedHour = "earlier"
    date_only: DateOnly = "refuse"


class RecordForm(Section):
    """What a record is about."""

    booking: Column
    key: list[Column] = []
    """Columns that make two rows the same row: by them it is known what a row said before."""
    observed: Column | None = None
    """Column that says when the record was written; else the time of its file or message counts."""
    person: Column | None = None
    """Column with the person's key: in a roster, who is in custody under two numbers shows by it."""


class CodeTable(Section):
    """What a county's codes mean."""

    codes: dict[str, Scalar]
    unmapped: Literal["refuse", "skip", "default"] = "refuse"
    default: Scalar | None = None

    @cached_property
    def folded(self) -> dict[str, Scalar]:
        """The codes as they are compared."""
        return {fold(code): meaning for code, meaning in self.codes.items()}

    @model_validator(mode="after")
    def _default_fits(self) -> "CodeTable":
        if (self.default is None) == (self.unmapped == "default"):
            raise ValueError('default belongs to unmapped = "default", and only to it')
        seen: dict[str, str] = {}
        for code in self.codes:
            first = seen.setdefault(fold(code), code)
            if self.codes[first] != self.codes[code]:
                raise ValueError(f"{code!r} says something else than {first!r}, which reads the same")
        return self


class Condition(Section):
    """What a record has to be like. Exactly one test."""

    column: Column
    in_: Annotated[list[Scalar] | None, Field(alias="in", min_length=1)] = None
    not_in: Annotated[list[Scalar] | None, Field(min_length=1)] = None
    empty: bool | None = None
    says: Literal["immigration_hold", "agency_hold", "charge"] | None = None
    names: Literal["immigration_authority", "other_agency"] | None = None
    table: str | None = None
    means: Annotated[list[Scalar] | None, Field(min_length=1)] = None
    """With ``table``: the meanings to be met."""

    @model_validator(mode="after")
    def _one_test(self) -> "Condition":
        tests = [self.in_, self.not_in, self.empty, self.says, self.names, self.means]
        if sum(test is not None for test in tests) != 1:
            raise ValueError("needs exactly one of in, not_in, empty, says, names, means")
        if (self.table is None) != (self.means is None):
            raise ValueError("table and means belong together")
        return self


def _short(value: Any) -> Any:
    """Let a column's name alone stand for ``{ column = ... }``."""
    return {"column": value} if isinstance(value, str) else value


class ValueForm(Section):
    """Where a field's value comes from. Exactly one of ``column``, ``columns``, ``value``, ``observed``."""

    column: Column | None = None
    columns: Annotated[list[Column] | None, Field(min_length=1)] = None
    value: Scalar | list[str] | None = None
    observed: Literal[True] | None = None
    take: Literal["all", "first"] = "all"
    """Of several columns: all of them joined, or the first that is not empty."""
    separator: str = " "
    table: str | None = None
    digest: bool = False
    """A hash of the value in place of the value: for ids made of what may name somebody."""
    prefix: str = ""
    split: Annotated[str | None, Field(min_length=1)] = None
    required: bool = False
    formats: Annotated[list[Format] | None, Field(min_length=1)] = None
    zone: Zone | None = None
    add_minutes: int | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> "ValueForm":
        if sum(each is not None for each in (self.column, self.columns, self.value, self.observed)) != 1:
            raise ValueError("needs exactly one of column, columns, value, observed")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(self.columns or ([self.column] if self.column is not None else []))


AnyValue = Annotated[ValueForm, BeforeValidator(_short)]


class EventForm(Section):
    """One rule: which records give which event."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
    type: str
    each: Column | None = None
    """Path of a list inside the record: the rule then goes through its elements."""
    on: Literal["row", "change"] = "row"
    watch: list[Column] = []
    first: bool = True
    """With ``on = "change"``: whether a row that was never seen counts as changed."""
    gone: Literal["retract", "lift", "keep"] = "retract"
    """What it means when a row no longer says this: it was a mistake; the hold has ended; or neither."""
    where: list[Condition] = []
    booking: AnyValue | None = None
    time: AnyValue
    recorded: AnyValue | None = None
    id: AnyValue | None = None
    """The event's id as the source has it, unique for ever; without it, a hash over what the event says."""
    data: dict[str, AnyValue] = {}


class Snapshot(Section):
    """For files that list everybody: how they are compared with the last one."""

    complete: bool = True
    """Whether a row that is missing is told. It is never taken for a release."""
    least_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    """A dump with fewer rows than this share of the last one is not believed."""
    file_time: str | None = None
    """A strptime format of the file's name, in the facility's zone; else the file's time of change counts."""


class Immigration(Section):
    """Names of immigration authorities besides those that are known anyway."""

    names: list[Column] = []
    not_names: list[Column] = []
    words: list[Column] = []
    """Words that make a charge row a hold for immigration, as in ``IMMIGRAT``."""


class MappingFile(Section):
    """One mapping."""

    version: Literal[1]
    source: Annotated[str, Field(min_length=1, max_length=512, pattern=r"^\S+$")]
    zone: Zone
    input: InputForm = InputForm()
    times: Times = Times()
    record: RecordForm
    empty: list[str] = ["NULL", "N/A", "-"]
    """Texts that stand for nothing."""
    snapshot: Snapshot | None = None
    immigration: Immigration = Immigration()
    tables: dict[str, CodeTable] = {}
    events: Annotated[list[EventForm], Field(min_length=1)]

    @cached_property
    def clock(self) -> Clock:
        """How its times are read."""
        return self.clock_of(None)

    def clock_of(self, value: ValueForm | None) -> Clock:
        """Return how the times of one field are read."""
        zone = self.zone if value is None or value.zone is None else value.zone
        formats = self.times.formats if value is None or value.formats is None else value.formats
        rules = self.times
        return Clock(ZoneInfo(zone), tuple(formats), rules.repeated_hour, rules.skipped_hour, rules.date_only)

    @cached_property
    def nothing(self) -> frozenset[str]:
        """Texts that count as empty, folded. One that is only taken so unless said otherwise may be a table's code."""
        codes = {code.strip().casefold() for table in self.tables.values() for code in table.codes}
        kept = codes & {"n/a", "-"} if "empty" not in self.model_fields_set else set()
        return (frozenset(each.strip().casefold() for each in self.empty) | {""}) - kept

    @property
    def compares(self) -> bool:
        """Whether it needs to know the last dump."""
        return self.snapshot is not None or any(rule.on == "change" for rule in self.events)

    @property
    def keeps_rows(self) -> bool:
        """Whether it is known what a row said before: without it, a corrected row takes nothing back."""
        return bool(self.record.key)
