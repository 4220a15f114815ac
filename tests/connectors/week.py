"""A week of an invented jail in the contract's own form, and as rows of a journal, with a mapping for them."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import orjson

from connectors.mapping.fields import FieldKind, event_types
from integration.simulator import SimulationParams, facilities, simulate
from integration.simulator.texts import MISTAKES
from schemas.events import parse
from schemas.refusals import InvalidEventError

PARAMS = SimulationParams(
    seed=9,
    facilities=1,
    bookings_per_day=8,
    days=7,
    immigration=0.4,
    holding_on=0.6,
    forbidden=0.3,
    run_out=True,
)
FACILITY = facilities(PARAMS)[0]
FIXED = ("id", "type", "subject", "time", "recordedtime")


def lines() -> list[bytes]:
    """The events, as they would arrive; those that intake would refuse left out."""
    kept = []
    for line in simulate(PARAMS):
        try:
            parse(line)
        except InvalidEventError:
            continue
        kept.append(line)
    return kept


def columns() -> list[str]:
    fields = {field for shapes in event_types().values() for field in shapes}
    return [*FIXED, *sorted(fields), *dict.fromkeys(name for mistake in MISTAKES for name in mistake)]


def row_of(line: bytes) -> dict[str, str]:
    """One event as a row of a journal: a column for each field of any type."""
    event = orjson.loads(line)
    row = {name: event.get(name, "") for name in FIXED}
    shapes = event_types()[event["type"][5:-3]]
    _flatten("", event["data"], shapes, row)
    return row


def _flatten(before: str, node: dict[str, Any], shapes: Any, row: dict[str, str]) -> None:
    for name, value in node.items():
        path = f"{before}{name}"
        shape = shapes.get(path)
        if shape is None and isinstance(value, dict):
            _flatten(f"{path}.", value, shapes, row)
        elif shape is None:
            row[name] = str(value)  # a field that must not be kept
        elif shape.kind is FieldKind.LIST:
            row[path] = "|".join(value)
        elif shape.kind is FieldKind.JSON:
            row[path] = orjson.dumps(value).decode()
        else:
            row[path] = {True: "Y", False: "N"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def mapping(form: str = "csv", **more: str) -> str:
    """A mapping file for those rows: one rule a type."""
    parts = [f'version = 1\nsource = "{FACILITY.source}"\nzone = "{FACILITY.zone}"\n[input]\nformat = "{form}"\n']
    if form == "json":
        fields = {field for shapes in event_types().values() for field in shapes}
        parts.append(f"optional = {sorted({*fields, 'recordedtime'})}\n")
    parts.append('[record]\nbooking = "subject"\n')
    for kind, shapes in event_types().items():
        data = []
        for field, shape in shapes.items():
            split = ', split = "|"' if shape.kind is FieldKind.LIST else ""
            data.append(f'"{field}" = {{ column = "{field}"{split} }}')
        parts.append(
            f'[[events]]\nname = "{kind.replace(".", "-")}"\ntype = "{kind}"\n'
            'time = "time"\nrecorded = "recordedtime"\n'
            f'id = "id"\nwhere = [{{ column = "type", in = ["jail.{kind}.v1"] }}]\n[events.data]\n'
            + "\n".join(data)
            + "\n"
        )
    return "".join(parts)


def table(rows: Iterable[dict[str, str]]) -> bytes:
    written = io.StringIO()
    writer = csv.DictWriter(written, columns(), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()
