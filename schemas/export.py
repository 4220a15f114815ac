"""The contract as files for other programs: JSON Schema of everything that crosses a boundary, and AsyncAPI.

``python -m schemas.export`` writes them to ``schemas/json/``; a test fails while they differ from the models.
"""

import sys
from pathlib import Path
from typing import Any, Final, get_args

import orjson
from pydantic import TypeAdapter

from schemas import asyncapi, entries, outputs, reports
from schemas.events import EVENTS, Event

FOLDER: Final = Path(__file__).parent / "json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

FILES: Final[dict[str, Any]] = {
    "audit-entry": entries.Entry,
    "audit-line": entries.AuditLine,
    "finding-line": outputs.FindingLine,
    "decision-line": outputs.DecisionLine,
    "rejected-line": outputs.RejectedLine,
    "summary": outputs.Summary,
    "report": reports.Report,
    "tally-row": reports.TallyRow,
}
"""Name of the document to what it describes: the files and the log. Events and notices name themselves."""

_TITLES: Final = {
    "event": "Every event of the contract",
    "audit-entry": "Audit entry, version 1",
    "audit-line": "Line of audit.jsonl",
    "finding-line": "Line of findings.jsonl",
    "decision-line": "Line of decisions.jsonl",
    "rejected-line": "Line of rejected.jsonl",
    "summary": "summary.json",
    "report": "A report as JSON",
    "tally-row": "A row of the anonymous tally",
}


def event_models() -> dict[str, Any]:
    """Return the model of each event type, by its ``type``."""
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in get_args(Event)}


def documents() -> dict[str, bytes]:
    """Return every file by name. Equal models give equal bytes."""
    schemas = {name: _schema(name, TypeAdapter(model).json_schema()) for name, model in event_models().items()}
    schemas["event"] = _schema("event", EVENTS.json_schema())
    rest = {**FILES, **asyncapi.notice_models()}
    schemas |= {name: _schema(name, TypeAdapter(model).json_schema()) for name, model in rest.items()}
    files = {f"{name}.schema.json": _bytes(schema) for name, schema in sorted(schemas.items())}
    files["asyncapi.json"] = _bytes(asyncapi.document(event_models()))
    return files


def _schema(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    # A URN, not an address: nothing of ours has to be fetched from anywhere.
    head = {"$schema": DIALECT, "$id": f"urn:holdwatch:schema:{name}", "title": _TITLES.get(name, name)}
    described: dict[str, Any] = asyncapi.with_time_pattern(
        {**head, **{key: schema[key] for key in schema if key != "title"}}
    )
    # OpenAPI's keyword, which plain validators do not know; `oneOf` says the same.
    described.pop("discriminator", None)
    return described


def _bytes(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write(folder: Path) -> int:
    """Write the documents to a folder, take away what is no longer one, and return how many there are."""
    folder.mkdir(exist_ok=True)
    files = documents()
    for stale in set(folder.glob("*.json")) - {folder / name for name in files}:
        stale.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return len(files)


if __name__ == "__main__":
    sys.stdout.write(f"{write(FOLDER)} files in {FOLDER}\n")
