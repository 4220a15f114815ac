"""Reading a mapping file: all its faults at once, each with its line."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from connectors.mapping.coverage import columns_of
from connectors.mapping.fields import FieldKind, FieldShape, event_types
from connectors.mapping.lines import key_lines, line_of
from connectors.mapping.model import CodeTable, EventForm, MappingFile, Scalar, ValueForm
from connectors.mapping.times import is_format
from schemas.forbidden import FORBIDDEN_NAMES, fold

_ALIASES: Final = frozenset({"function-before[_short(), ValueForm]"})
_MAX_BYTES: Final = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a mapping file."""

    path: tuple[str | int, ...]
    message: str


class MappingFileError(ValueError):
    """A mapping file cannot be used. The message lists every fault, one a line."""

    def __init__(self, name: str, told: list[str]) -> None:
        """Args: ``told`` are the faults, each with its line where one is known."""
        super().__init__("\n".join([f"{name}: {len(told)} faults", *(f"  {each}" for each in told)]))
        self.faults = tuple(told)


def load_mapping(file: Path) -> MappingFile:
    """Read a mapping file.

    Raises:
        MappingFileError: it cannot be read, or has faults; all are named at once.
    """
    try:
        raw = file.read_bytes()
        if len(raw) > _MAX_BYTES:
            raise MappingFileError(str(file), [f"larger than {_MAX_BYTES} bytes"])
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise MappingFileError(str(file), [str(error.strerror)]) from error
    except UnicodeDecodeError as error:
        raise MappingFileError(str(file), [f"byte {error.start} is not UTF-8"]) from None
    return mapping_from(text, name=str(file))


def mapping_from(text: str, *, name: str = "mapping") -> MappingFile:
    """Read a mapping from its text. Raises as `load_mapping` does."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingFileError(name, [f"not TOML: {error}"]) from None
    faults: list[Fault] = []
    mapping: MappingFile | None = None
    try:
        mapping = MappingFile.model_validate(content)
    except ValidationError as error:
        faults = [Fault(_path(fault["loc"]), _plain(fault["msg"])) for fault in error.errors()]
    if mapping is not None:
        faults = list(_faults(mapping))
    if faults or mapping is None:
        lines = key_lines(text)
        raise MappingFileError(name, [_told(fault, line_of(lines, fault.path)) for fault in faults])
    return mapping


def _path(place: tuple[str | int, ...]) -> tuple[str | int, ...]:
    # Names of validators and of a union's members stand in the place, too, and are in no file.
    inside = {"list[str]", "str", "bool", "int"}
    return tuple(part for part in place if part not in _ALIASES and part not in inside)


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def _told(fault: Fault, line: int | None) -> str:
    where = ".".join(map(str, fault.path))
    return f"line {line}: {where}: {fault.message}" if line is not None else f"{where}: {fault.message}"


def _faults(mapping: MappingFile) -> Iterator[Fault]:
    yield from _of_record(mapping)
    names: set[str] = set()
    for number, rule in enumerate(mapping.events):
        at = ("events", number)
        if rule.name in names:
            yield Fault((*at, "name"), "two rules have this name")
        names.add(rule.name)
        yield from _of_rule(mapping, rule, at)


def _of_record(mapping: MappingFile) -> Iterator[Fault]:
    if mapping.compares and not mapping.record.key:
        yield Fault(("record",), "snapshots and rules on a change need record.key: what makes a row the same row")
    if mapping.snapshot is not None and mapping.input.format != "csv" and mapping.snapshot.file_time is not None:
        yield Fault(("snapshot", "file_time"), "only files have names")
    form = mapping.snapshot.file_time if mapping.snapshot else None
    if form is not None and not is_format(form):
        yield Fault(("snapshot", "file_time"), "not a strptime format that holds a day")
    if mapping.input.optional and mapping.input.format != "json":
        yield Fault(("input", "optional"), "a table has all its columns in the header")
    read = {*columns_of(mapping), *(rule.each for rule in mapping.events)}
    for name in mapping.input.optional:
        if name not in read:
            yield Fault(("input", "optional"), f"no rule reads {name}")
    columns = mapping.input.columns
    if len(set(columns)) != len(columns):
        yield Fault(("input", "columns"), "two columns have the same name")
    for name, column in (("booking", mapping.record.booking), ("person", mapping.record.person)):
        if column is not None and _is_forbidden(column):
            yield Fault(("record", name), "a field that is never read: it speaks of status or birthplace")


def _of_rule(mapping: MappingFile, rule: EventForm, at: tuple[str | int, ...]) -> Iterator[Fault]:
    shapes = event_types().get(rule.type)
    if shapes is None:
        known = ", ".join(sorted(event_types()))
        yield Fault((*at, "type"), f"no event type of the contract; there are {known}")
        return
    yield from _of_choice(mapping, rule, at)
    time = FieldShape(FieldKind.TIME, required=True)
    text = FieldShape(FieldKind.TEXT, required=False)
    own = (("time", rule.time, time), ("recorded", rule.recorded, time), ("id", rule.id, text))
    for name, value, shape in (*own, ("booking", rule.booking, text)):
        if value is not None:
            yield from _of_value(mapping, value, shape, (*at, name))
    for field, value in rule.data.items():
        shape_of = shapes.get(field)
        if shape_of is None:
            known = ", ".join(shapes)
            yield Fault((*at, "data", field), f"{rule.type} has no such field; it has {known}")
        else:
            yield from _of_value(mapping, value, shape_of, (*at, "data", field))
    for field, shape in shapes.items():
        if shape.required and field not in rule.data:
            yield Fault((*at, "data"), f"{rule.type} needs {field}")


def _of_choice(mapping: MappingFile, rule: EventForm, at: tuple[str | int, ...]) -> Iterator[Fault]:
    """Check which records the rule is for."""
    if rule.on == "change" and rule.each is not None:
        yield Fault((*at, "each"), "a rule on a change looks at the row, not at a list inside it")
    if (rule.on == "change") != bool(rule.watch):
        yield Fault((*at, "watch"), 'watch names the columns of on = "change", and only of that')
    if rule.gone == "lift" and rule.type != "hold.placed":
        yield Fault((*at, "gone"), '"lift" is for hold.placed: nothing else is lifted')
    for number, condition in enumerate(rule.where):
        yield from _of_table(mapping, condition.table, (*at, "where", number))
        if _is_forbidden(condition.column):
            yield Fault((*at, "where", number), "a field that is never read: it speaks of status or birthplace")


def _of_value(mapping: MappingFile, value: ValueForm, shape: FieldShape, at: tuple[str | int, ...]) -> Iterator[Fault]:
    yield from _of_table(mapping, value.table, at)
    if any(_is_forbidden(column) for column in value.sources):
        yield Fault(at, "a field that is never read: it speaks of status or birthplace")
    is_time = shape.kind is FieldKind.TIME
    if not is_time and (value.observed or value.formats or value.zone or value.add_minutes is not None):
        yield Fault(at, "observed, formats, zone and add_minutes are for times")
    if is_time and (value.table or value.digest or value.prefix or value.split or value.value is not None):
        yield Fault(at, "a time comes from columns or is observed")
    if value.split is not None and shape.kind is not FieldKind.LIST:
        yield Fault(at, "split is for lists of texts")
    table = mapping.tables.get(value.table or "")
    if shape.kind in (FieldKind.CHOICE, FieldKind.TRUTH):
        yield from _of_meanings(value, shape, table, at)
    if isinstance(value.value, list) and shape.kind is not FieldKind.LIST:
        yield Fault(at, "a list of values where one is wanted")


def _of_meanings(
    value: ValueForm, shape: FieldShape, table: CodeTable | None, at: tuple[str | int, ...]
) -> Iterator[Fault]:
    meanings: list[Scalar] = []
    if table is not None:
        meanings = [*table.codes.values(), *([] if table.default is None else [table.default])]
    elif value.value is not None and not isinstance(value.value, list):
        meanings = [value.value]
    for meaning in dict.fromkeys(meanings):
        if shape.kind is FieldKind.TRUTH and not isinstance(meaning, bool):
            yield Fault(at, f"{meaning!r} is neither true nor false")
        if shape.kind is FieldKind.CHOICE and meaning not in shape.choices:
            yield Fault(at, f"{meaning!r} is none of {', '.join(sorted(shape.choices))}")


def _of_table(mapping: MappingFile, table: str | None, at: tuple[str | int, ...]) -> Iterator[Fault]:
    if table is not None and table not in mapping.tables:
        yield Fault((*at, "table"), f"there is no [tables.{table}]")


def _is_forbidden(column: str) -> bool:
    return fold(column.rpartition(".")[2]) in FORBIDDEN_NAMES
