"""From an XML document to inputs of the intake: its events, and each element that could not be used."""

from collections.abc import Iterator
from datetime import datetime

import orjson

from connectors.jms_niem.convert import map_document
from connectors.jms_niem.mapping import Mapping
from connectors.jms_niem.result import MappingError, Refusal
from integration.services.intake import Input
from schemas.refusals import InvalidEventError


def inputs_of(place: str, document: bytes, mapping: Mapping, *, received_at: datetime | None) -> Iterator[Input]:
    """Yield one input an event, and a refused one for each element that could not be used.

    Args:
        place: where the document came from.
        document: the XML as received; it is kept whole with every refusal.
        mapping: what is known of the county's messages.
        received_at: when it arrived, with an offset; None for files of unknown age.
    """
    yield from read_document(place, document, mapping, received_at=received_at)[0]


def read_document(
    place: str, document: bytes, mapping: Mapping, *, received_at: datetime | None
) -> tuple[list[Input], tuple[str, ...]]:
    """Return what `inputs_of` yields, and the bookings of whose release it speaks (`Mapped.released`).

    Where anything of it is refused, what it means for a release is not known: then there are none.
    """
    try:
        mapped = map_document(document, mapping, received_at=received_at)
    except MappingError as error:
        return [_refused(place, document, Refusal(error.place, error.reason, error.message))], ()
    inputs = [Input(f"{place}#{event['id']}", orjson.dumps(event)) for event in mapped.events]
    inputs += [_refused(place, document, refusal) for refusal in mapped.refusals]
    return inputs, () if mapped.refusals else mapped.released


class RecordedDocuments:
    """Maps documents of unknown age, in the order in which they were recorded.

    A document that says no time of its own counts as received when the latest thing said so far happened: not
    earlier than that, so that a release without a time never hides a stretch of custody.
    """

    def __init__(self, mapping: Mapping) -> None:
        """Args: ``mapping`` is what is known of the county's messages."""
        self._mapping = mapping
        self._latest: datetime | None = None

    def __call__(self, place: str, document: bytes) -> Iterator[Input]:
        """Yield the inputs of one document."""
        for each in inputs_of(place, document, self._mapping, received_at=self._latest):
            if each.refusal is None:
                happened = datetime.fromisoformat(orjson.loads(each.raw)["time"])
                self._latest = happened if self._latest is None else max(self._latest, happened)
            yield each


def _refused(place: str, document: bytes, refusal: Refusal) -> Input:
    error = InvalidEventError(refusal.reason, f"{refusal.place}: {refusal.message}")
    return Input(f"{place}#{refusal.place}", document, refusal=error)
