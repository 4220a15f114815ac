"""What an audit entry repeats of an event: names of agencies and courts, never a story in their place."""

import orjson
import pytest

from integration.services.reading import logged_detail
from schemas.events import parse

STORY = "Deputy said that Jose Canario of 12 Elm Street, who has a hearing on Monday, will be let go at the back door"


def placed(**issuer: str) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": "e-1",
            "source": "/jms/a",
            "type": "jail.hold.placed.v1",
            "subject": "B-1",
            "time": "2026-03-01T10:00:00Z",
            "data": {"hold_id": "h-1", "kind": "judicial_warrant", "issuer": issuer},
        }
    )


@pytest.mark.parametrize("part", ["agency", "ori", "court"])
def test_an_entry_leaves_a_part_of_the_issuer_out_when_it_is_longer_than_a_name(part: str) -> None:
    detail = logged_detail(parse(placed(**{part: STORY})))
    assert b"Canario" not in orjson.dumps(detail)
    assert detail["data"]["issuer"] == {}  # type: ignore[index,call-overload]


def test_an_entry_names_agency_and_court_when_they_are_names() -> None:
    detail = logged_detail(parse(placed(agency="ICE", court="United States District Court")))
    assert detail["data"]["issuer"] == {"agency": "ICE", "court": "United States District Court"}  # type: ignore[index,call-overload]
