"""Records that a connector refused, mapped again by the mapping as it is now."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from connectors.jms_niem.inputs import inputs_of as documents
from connectors.jms_niem.mapping import load_mapping as load_niem_mapping
from connectors.jms_webhook.config import WebhookSource
from connectors.mapping.apply import Mapper
from connectors.mapping.config import Mapped
from connectors.mapping.load import load_mapping
from connectors.mapping.model import EventForm
from connectors.mapping.presence import checked
from connectors.mapping.rows import Row, inputs_of
from connectors.sources import Source
from integration.services.intake import Input


def mapped_again(place: str, raw: bytes, received_at: datetime, sources: Sequence[Source]) -> list[Input] | None:
    """Map what a rule of a connector could not use.

    Args:
        place: the dead letter's: the connector's name, the row, and after ``#`` the rule.
        raw: the record as it was kept.
        received_at: when it came: what stands in for the time of its dump.
        sources: the connectors of the settings.

    Returns:
        None where no mapping has anything to do with it: a row that was no row cannot become one.

    Raises:
        MappingFileError: the mapping has faults.
    """
    name, colon, rest = place.partition(":")
    source = next((each for each in sources if each.name == name), None)
    at, mark, rule = rest.rpartition("#")
    if not colon or not mark or not isinstance(source, Mapped | WebhookSource) or source.mapping is None:
        return None
    if isinstance(source, WebhookSource) and source.form == "jtmp":
        return list(documents(f"{name}:{at}", raw, load_niem_mapping(source.mapping), received_at=received_at))
    mapping = load_mapping(source.mapping)
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict):
        return None

    def changed(each: EventForm, _mark: str) -> bool:
        return each.name == rule or each.first

    (row,) = checked([Row("", record)], mapping)
    found = inputs_of(f"{name}:{at}", row, Mapper(mapping), observed=received_at, changed=changed)
    return list(found)
