"""Whether a JSON record has what the mapping reads.

A column that was renamed would otherwise read as an empty one, and a hold with it as none. In a table the header tells;
in JSON a sender may leave out what is empty, so the mapping names the columns that may be missing (``input.optional``).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from connectors.mapping.coverage import columns_of
from connectors.mapping.model import MappingFile
from connectors.mapping.record import UNKNOWN, Record
from connectors.mapping.rows import Row
from schemas.refusals import InvalidEventError, Reason

_OWN: Final = "__"
"""Begins what a connector itself adds to a record: not there at all where there is nothing to add."""
_SHOWN: Final = 10


def checked(rows: Iterable[Row], mapping: MappingFile) -> Iterator[Row]:
    """Yield records; one that lacks something is refused."""
    columns = columns_of(mapping)
    lists = dict.fromkeys(rule.each for rule in mapping.events if rule.each is not None)
    for row in rows:
        error = row.refusal or _fault(row.record, mapping, columns, lists)
        yield row if error is None else replace(row, refusal=error)


def _fault(
    record: Mapping[str, Any], mapping: MappingFile, columns: Iterable[str], lists: Iterable[str]
) -> InvalidEventError | None:
    optional = set(mapping.input.optional) - set(record.get(UNKNOWN) or ())
    for each in lists:
        found = Record(record).value(each)
        if found is not None and not (
            isinstance(found, list | dict) and all(isinstance(x, dict) for x in _list(found))
        ):
            return InvalidEventError(Reason.WRONG_TYPE, f"{each}: not a list of objects")
    needed = [name for name in columns if name not in optional and not name.startswith(_OWN)]
    needed += [each for each in lists if each not in optional]
    missing = list(dict.fromkeys(name for name in needed if not _has(record, name)))
    if not missing:
        return None
    # These names are the mapping's own.
    return InvalidEventError(Reason.MISSING_FIELD, f"the record lacks {', '.join(missing[:_SHOWN])}")


def _has(record: Mapping[str, Any], name: str) -> bool:
    inside, mark, column = name.partition("[].")
    if mark:
        return all(_there(each, column) for each in _list(Record(record).value(inside)))
    return _there(record, name)


def _there(node: Any, path: str) -> bool:
    """Tell whether something stands at a path, be it nothing: ``null`` is an answer, also of an object around it."""
    if isinstance(node, Mapping) and path in node:
        return True
    *parents, last = path.split(".")
    for parent in parents:
        if not isinstance(node, Mapping) or parent not in node:
            return False
        node = node[parent]
        if node is None:
            return True
    return isinstance(node, Mapping) and last in node


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [] if found is None else [found]
