"""Whom a request is passed on to: as sending services are really asked, and wherever a listed address stands."""

import gzip

import orjson
import pytest

from integration.contents.web import WebMessage
from integration.services.webexamining import WebTarget, examine_web
from tests.gate.judging import PACKS, decided, pack

RELAY = WebTarget("https://relay.example", path_is_known=True)
TOLD = "Juan Perez will be released at 0730 tomorrow"
AGENT = "smith@ice.dhs.gov"
NUMBER = "+18028726020"

SERVICES = {
    "SendGrid": {"personalizations": [{"to": [{"email": AGENT}]}], "content": [{"type": "text/plain", "value": TOLD}]},
    "Microsoft Graph": {"message": {"body": {"content": TOLD}, "toRecipients": [{"emailAddress": {"address": AGENT}}]}},
    "Brevo": {"to": [{"email": AGENT, "name": "Smith"}], "textContent": TOLD},
    "Mailjet": {"Messages": [{"To": [{"Email": AGENT}], "TextPart": TOLD}]},
    "Amazon SES": {"Destination": {"ToAddresses": [AGENT]}, "Message": {"Body": {"Text": {"Data": TOLD}}}},
    "SparkPost": {"recipients": [{"address": {"email": AGENT}}], "content": {"text": TOLD}},
    "SparkPost, short": {"recipients": [{"address": AGENT}], "content": {"text": TOLD}},
    "Mandrill": {"message": {"to": [{"email": AGENT, "type": "to"}], "text": TOLD}},
    "Postmark": {"To": f"Agent Smith <{AGENT}>", "TextBody": TOLD},
    "RingCentral": {"to": [{"phoneNumber": NUMBER}], "text": TOLD},
    "Twilio": {"To": NUMBER, "Body": TOLD},
    "Phaxio": {"to": ["8028726020"], "content": TOLD},
    "a number as a number": {"target": 8028726020, "content": TOLD},
    "JSON in a field": {"x-smtpapi": orjson.dumps({"to": [AGENT]}).decode(), "text": TOLD},
    "an agency by its name": {"to": [{"organisation": "ICE Detroit"}], "text": TOLD},
    "an address that looks like one": {"to": [{"email": "smith@1ce.gov"}], "text": TOLD},
    "an address of the web": {"hook": "https://ice.dhs.gov/in", "text": TOLD},
    "an address of the telephone": {"x": "tel:+1-802-872-6020", "text": TOLD},
    "several in one": {"x": f"clerk@court.example; {AGENT}", "text": TOLD},
    "a contact": {"hold": {"agency": "Police", "contact_email": AGENT}, "text": TOLD},
}
NAMES = """
email address phone receiver sendto mail recipientEmail to_email emailTo phoneNumber msisdn channel target endpoint
distribution copyTo Empfaenger send_to recipientlist addresses x
""".split()
BODIES = {
    **{name: WebMessage("POST", "/", body=orjson.dumps(said), content_type="application/json")
       for name, said in SERVICES.items()},
    **{f"the field {name}": WebMessage("POST", "/", body=orjson.dumps({name: AGENT, "text": TOLD}),
                                       content_type="application/json") for name in NAMES},
    "XML, below the field": WebMessage("POST", "/", body=b"<m><To><Mail>smith@1ce.gov</Mail></To><b>out</b></m>",
                                       content_type="application/xml"),
    "XML, behind a comment": WebMessage("POST", "/", body=b"<m><x><!-- -->smith@ice.gov</x><b>out</b></m>",
                                        content_type="application/xml"),
    "lines of JSON": WebMessage("POST", "/", body=b'{"x": "smith@ice.dhs.gov"}\n{"text": "out at 0730"}',
                                content_type="application/json"),
    "a form of no type": WebMessage("POST", "/", body=b"x=smith%40ice.dhs.gov&text=out+at+0730"),
    "a body that is compressed": WebMessage("POST", "/", body=gzip.compress(b'{"x": "smith@ice.dhs.gov", "y": "out"}'),
                                            content_type="application/json", content_encoding="gzip"),
    "a body that nobody can undo": WebMessage("POST", "/", body=b"abc", content_type="text/plain",
                                              content_encoding="br"),
    "UTF-16": WebMessage("POST", "/", body='{"x": "smith@ice.dhs.gov", "text": "out at 0730"}'.encode("utf-16"),
                         content_type="application/json"),
    "XML that is broken": WebMessage("POST", "/", body=b"<m><x>smith@ice.dhs.gov</x><b>out at 0730</b>",
                                     content_type="application/xml"),
    "a binary form": WebMessage("POST", "/", body=b"\0\0\0\0\x20\x0a\x11smith@ice.dhs.gov\x12\x03out",
                                content_type="application/grpc"),
    "JSON that calls itself a form": WebMessage("POST", "/", body=b'{"to": [{"email": "smith@ice.gov"}], "x": "out"}',
                                                content_type="application/x-www-form-urlencoded"),
    "JSON that calls itself a text": WebMessage("POST", "/", body=b'{"to": [{"email": "smith@ice.gov"}], "x": "out"}',
                                                content_type="text/plain"),
    "a form that calls itself a text": WebMessage("POST", "/", body=b"x=smith@ice.gov\r\ntext=out at 0730\r\n",
                                                  content_type="text/plain"),
    "XML that calls itself a text": WebMessage("POST", "/", body=b"<m><x>smith@ice.gov</x><b>out at 0730</b></m>",
                                               content_type="text/plain"),
    "JSON that says no type": WebMessage("POST", "/", body='{"x": "smith@ice.gov", "y": "out"}'.encode("utf-16"),
                                         content_type="application/octet-stream"),
    "a table named by its recipient": WebMessage("POST", "/", body=b'{"v": {"smith@ice.gov": {"text": "out at 0730"}}}',
                                                 content_type="application/json"),
    "GraphQL": WebMessage("POST", "/", body=orjson.dumps({"query": 'mutation { send(x: "smith@ice.gov", y: "out") }'}),
                          content_type="application/json"),
    "a field of the head": WebMessage("POST", "/", headers=(("x-rcpt", AGENT),), body=b"out at 0730",
                                      content_type="text/plain"),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_request_is_blocked_when_a_service_sends_it_on_to_an_authority(name):
    seen = examine_web(BODIES[name], RELAY, pack(PACKS[0]).parameters)
    assert seen.recipient_class.value == "immigration_authority"
    assert [name for name in PACKS if decided(seen, name).permit] == []


ORDINARY = [
    ({"personalizations": [{"to": [{"email": "clerk@court.example"}]}], "content": TOLD}, "another recipient"),
    ({"text": f"Their address is {AGENT}"}, "it only speaks of one"),
    ({"text": "Call 802-872-6020 about it"}, "it only speaks of a number"),
    ({"note": "mutation of data; see smith"}, "words that are no address"),
    ({"hold": {"agency": "ICE", "ori": "VTICE0900", "form": "I-247A"}}, "data of a hold"),
    ({"id": "18028726020180287260201802"}, "a number that is none to be called"),
]


@pytest.mark.parametrize(("said", "because"), ORDINARY)
def test_request_passes_when_it_is_passed_on_to_nobody_listed(said, because):
    message = WebMessage("POST", "/", body=orjson.dumps(said), content_type="application/json")
    seen = examine_web(message, RELAY, pack(PACKS[0]).parameters)
    assert all(decided(seen, name).permit for name in PACKS), because
