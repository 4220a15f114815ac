"""What stands beside the content and leaves with it: fields of recipients, the content type."""

import orjson
import pytest

from integration.contents.web import WebMessage
from integration.services.examining import examine_request
from integration.services.webexamining import WebTarget, examine_web
from schemas.requests import MessageRequestedData
from tests.gate.judging import PACKS, decided, pack

HOME = pack(PACKS[0])
TOLD = "Juan Perez released Tuesday 0730"
ICE = WebTarget("https://intake.example", agency="ICE", path_is_known=True)


def permits(channel, recipient):
    data = {
        "message_id": "m1",
        "channel": channel,
        "sender": {"user": "jane.roe"},
        "recipients": [{"address": "clerk@court.example", "agency": f"{TOLD}, clerk"}, recipient],
        "content": {"citizenship_or_immigration_status": "Mexican citizen"},
    }
    seen = examine_request(MessageRequestedData.model_validate_json(orjson.dumps(data)), HOME.parameters).alone(1)
    assert seen.recipient_class.value == "immigration_authority"
    return decided(seen, PACKS[0]).permit


@pytest.mark.parametrize(
    ("channel", "recipient"),
    [
        ("kafka", {"agency": f"ICE Detroit: {TOLD}"}),
        ("smtp", {"address": "smith+juan.perez.released.tuesday.0730@ice.dhs.gov"}),
        ("smtp", {"address": "juan.perez.released.tuesday.0730@ice.dhs.gov"}),
        ("smtp", {"address": "smith@juan.perez.released.tuesday.0730.ice.dhs.gov"}),
        ("smtp", {"address": f"{TOLD} <smith@ice.dhs.gov>"}),
        ("smtp", {"address": "smith@ice.dhs.gov", "agency": TOLD}),
        ("smtp", {"address": "smith@ice.dhs.gov", "number": "517 555 0730"}),
        ("fax", {"number": f"802-872-6020 {TOLD}"}),
        ("fax", {"number": "802-872-6020 0730"}),
        ("nlets", {"ori": "VTICE0900", "agency": f"{TOLD} ICE"}),
        ("nlets", {"ori": "OUTAT0730", "agency": "ICE"}),
        ("http", {"address": "https://ice.gov/juan-perez-released-tuesday-0730"}),
        ("http", {"address": "https://ice.gov/?q=released%2520tuesday"}),
        ("http", {"address": "https://released.tuesday@ice.gov/"}),
        ("http", {"address": f"ICE {TOLD}"}),
    ],
)
def test_request_is_blocked_when_a_recipients_field_says_more_than_who_it_is(channel, recipient):
    assert not permits(channel, recipient)


@pytest.mark.parametrize(
    ("channel", "recipient"),
    [
        ("smtp", {"address": "Agent Smith <smith@ice.dhs.gov>"}),
        ("smtp", {"address": "detroit.field2@ice.dhs.gov"}),
        ("fax", {"number": "+1 (802) 872-6020"}),
        ("fax", {"number": "802-872-6020", "agency": "Law Enforcement Support Center"}),
        ("nlets", {"ori": "VTICE0900", "agency": "ICE Detroit"}),
        ("nlets", {"address": "VTICE0900"}),
        ("http", {"address": "https://ice.gov/"}),
    ],
)
def test_status_passes_when_recipients_are_written_as_the_directory_has_them(channel, recipient):
    assert permits(channel, recipient)


@pytest.mark.parametrize(
    ("content_type", "permit", "because"),
    [
        ("application/json", True, "nothing beside"),
        ("application/json; charset=utf-8", True, "how letters are written"),
        (f'application/json; note="{TOLD}"', False, "a parameter that nobody needs"),
        ("application/vnd.released.tuesday.0730+json", False, "a type that somebody made up"),
        ("application/json; charset=released", False, "a charset that there is not"),
        ("application/json; charset=utf-8; boundary=out-tuesday-0730", False, "a boundary of nothing"),
    ],
)
def test_content_type_is_judged_when_it_leaves_with_a_request(content_type, permit, because):
    message = WebMessage("POST", "/in", body=b'{"citizenship": "Mexico"}', content_type=content_type)
    assert decided(examine_web(message, ICE, HOME.parameters), PACKS[0]).permit is permit, because


@pytest.mark.parametrize(
    ("boundary", "permit"),
    [("b1", True), ("------------------------d74496d66958873e", True), ("----WebKitFormBoundary7MA4YWxkTrZu0gW1", True),
     ("Juan-Perez-out-Tuesday-0730", False)],
)  # fmt: skip
def test_boundary_is_judged_when_it_leaves_with_a_request(boundary, permit):
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="citizenship"\r\n\r\nMexico\r\n--{boundary}--\r\n'
    message = WebMessage("POST", "/", body=body.encode(), content_type=f"multipart/form-data; boundary={boundary}")
    assert decided(examine_web(message, ICE, HOME.parameters), PACKS[0]).permit is permit
