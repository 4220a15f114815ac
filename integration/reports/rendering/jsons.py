"""A report as JSON (schema: ``schemas/json/report.schema.json``)."""

from typing import Any

import orjson

from integration.reports.asked import Asked
from integration.reports.document import Document, Section


def to_json(document: Document, asked: Asked) -> bytes:
    """Write it, indented."""
    value = {
        "v": 1,
        "asked": asked.detail(),
        "title": document.title,
        "facts": [{"name": name, "value": said} for name, said in document.facts],
        "sections": [_section(section) for section in document.sections],
        "notes": list(document.notes),
        "certificate": document.signature[0] if document.signature else "",
    }
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "heading": section.heading,
        "text": list(section.text),
        "tables": [
            {
                "name": table.name,
                "caption": table.caption,
                "columns": list(table.columns),
                "rows": [list(row) for row in table.rows],
                "note": table.note,
                "totals": table.totals,
            }
            for table in section.tables
        ],
        "plots": [
            {
                "name": plot.name,
                "title": plot.title,
                "description": plot.description,
                "unit": plot.unit,
                "labels": list(plot.labels),
                "series": {name: list(values) for name, values in plot.series.items()},
            }
            for plot in section.plots
        ],
    }
