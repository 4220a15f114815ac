"""What each event type's data may hold, read off the contract's own models: a mapping is checked against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.base import instant_of
from schemas.events import Event

_PREFIX: Final = "jail."
_SUFFIX: Final = ".v1"


class FieldKind(StrEnum):
    """How a field's value is written."""

    TEXT = "text"
    TIME = "time"
    TRUTH = "truth"
    LIST = "list"
    CHOICE = "choice"
    JSON = "json"
    """Lists of objects and the like: only a column that holds JSON, or a JSON record's own value, can give it."""


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field of a type's data, objects inside it written with dots: ``issuer.court``."""

    kind: FieldKind
    required: bool
    choices: frozenset[str] = frozenset()


@cache
def event_types() -> Mapping[str, Mapping[str, FieldShape]]:
    """Map each type's short name (``hold.placed``) to its fields."""
    found: dict[str, Mapping[str, FieldShape]] = {}
    for model in get_args(Event):
        (name,) = get_args(model.model_fields["type"].annotation)
        data = model.model_fields["data"].annotation
        shapes = dict(_fields(data, "", required=True))
        found[name.removeprefix(_PREFIX).removesuffix(_SUFFIX)] = shapes
    return found


def full_name(short: str) -> str:
    """Return a type as events carry it."""
    return f"{_PREFIX}{short}{_SUFFIX}"


def _fields(model: type[BaseModel], before: str, *, required: bool) -> list[tuple[str, FieldShape]]:
    found: list[tuple[str, FieldShape]] = []
    for name, info in model.model_fields.items():
        path = f"{before}{name}"
        kind = _bare(info.annotation)
        needed = required and info.is_required()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += _fields(kind, f"{path}.", required=needed)
        else:
            found.append((path, _shape(kind, info, needed)))
    return found


def _shape(kind: Any, info: FieldInfo, required: bool) -> FieldShape:
    if get_origin(kind) is list:
        (inner,) = get_args(kind)
        text = _bare(inner) is str
        return FieldShape(FieldKind.LIST if text else FieldKind.JSON, required)
    if kind is bool:
        return FieldShape(FieldKind.TRUTH, required)
    if kind is int and _reads_times(info):
        return FieldShape(FieldKind.TIME, required)
    if kind is str:
        return FieldShape(FieldKind.TEXT, required)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return FieldShape(FieldKind.CHOICE, required, frozenset(str(each.value) for each in kind))
    return FieldShape(FieldKind.JSON, required)


def _bare(annotation: Any) -> Any:
    """Take ``| None`` and ``Annotated`` off."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(each for each in get_args(annotation) if each is not type(None))
    while hasattr(annotation, "__metadata__"):
        annotation = get_args(annotation)[0]
    return annotation


def _reads_times(info: FieldInfo) -> bool:
    marks = [*info.metadata]
    for part in (info.annotation, *get_args(info.annotation)):
        marks += getattr(part, "__metadata__", ())
    return any(getattr(mark, "func", None) is instant_of for mark in marks)
