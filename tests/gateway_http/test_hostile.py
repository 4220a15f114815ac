"""Hostile requests: every form that HTTP gives a text, with every kind of text. Counted where they would arrive."""

import base64
import gzip
import json
from urllib.parse import quote, urlencode

import pytest

from integration.contents.web import WebMessage
from integration.services.webexamining import WebTarget, examine_web
from tests.gate import files
from tests.gate.judging import PACKS, decided, pack
from tests.gate.leaks import ALL, QUERIES
from tests.gateway_http.site import Upstream, settings, site

ICE = WebTarget("https://intake.example", agency="ICE", path_is_known=True)
RELAY = WebTarget("https://relay.example")
JSON, FORM, TEXT = "application/json", "application/x-www-form-urlencoded", "text/plain; charset=utf-8"
COVER = {"citizenship": "Mexico"}
TOLD = [text for category, text in ALL[len(QUERIES) :] if category != "custody_query"]
"""Texts that may be told to others: a query of the networks reaches an authority whoever its recipient is."""
BOUNDARY = "multipart/form-data; boundary=b1"


def said(content_type: str, body: str | bytes, **more) -> WebMessage:
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return WebMessage("POST", "/in", body=raw, content_type=content_type, **more)


def as_json(value) -> WebMessage:
    return said(JSON, json.dumps(value))


def part(name: str, body: bytes, *fields: str) -> bytes:
    head = "\r\n".join([f'Content-Disposition: form-data; name="{name}"', *fields])
    return f"--b1\r\n{head}\r\n\r\n".encode() + body + b"\r\n"


def parts(*those: bytes) -> WebMessage:
    return said(BOUNDARY, b"".join(those) + b"--b1--\r\n")


def spelled(text: str) -> str:
    return "".join(f"\\u{ord(each):04x}" for each in text if ord(each) < 0x10000)


STATUS = part("citizenship", b"Mexico")
WAYS = {
    "a value": lambda text: as_json({**COVER, "note": text}),
    "the value filed as status": lambda text: as_json({"citizenship": text}),
    "a name": lambda text: as_json({**COVER, text: True}),
    "the name of a table": lambda text: as_json({"status": "LPR", text: {"citizenship": "Mexico"}}),
    "the name of an empty list": lambda text: as_json({**COVER, text: []}),
    "deep inside": lambda text: as_json({"a": [{"b": [[{"c": text}]]}], **COVER}),
    "a member twice": lambda text: said(JSON, f'{{"citizenship": {json.dumps(text)}, "citizenship": "Mexico"}}'),
    "a bare string": as_json,
    "escapes": lambda text: said(JSON, f'{{"citizenship": "{spelled(text)}"}}'),
    "base64 in a value": lambda text: as_json({**COVER, "x": base64.b64encode(text.encode()).decode()}),
    "JSON in a value": lambda text: as_json({**COVER, "x": json.dumps({"note": text})}),
    "JSON under another type": lambda text: said("application/octet-stream", json.dumps({"note": text})),
    "JSON without a type": lambda text: said("", json.dumps({"note": text})),
    "text as JSON": lambda text: said(JSON, text),
    "half a document": lambda text: said(JSON, json.dumps({"note": text})[:-1]),
    "UTF-16": lambda text: said(JSON, json.dumps({"note": text}).encode("utf-16")),
    "a form": lambda text: said(FORM, urlencode({**COVER, "note": text})),
    "the name of a form's field": lambda text: said(FORM, urlencode({**COVER, text: ""})),
    "encoded twice": lambda text: said(FORM, "citizenship=Mexico&x=" + quote(quote(text, safe=""), safe="")),
    "a form parted at semicolons": lambda text: said(FORM, "citizenship=Mexico;x=" + quote(text, safe="")),
    "a part": lambda text: parts(STATUS, part("note", text.encode())),
    "a file": lambda text: parts(STATUS, part("f", text.encode(), "Content-Type: text/plain")),
    "a document": lambda text: parts(STATUS, part("f", files.docx(text), "Content-Type: application/octet-stream")),
    "before the parts": lambda text: said(BOUNDARY, text.encode() + b"\r\n" + STATUS + b"--b1--\r\n"),
    "after the parts": lambda text: said(BOUNDARY, STATUS + b"--b1--\r\n" + text.encode()),
    "two boundaries": lambda text: said(
        f"{BOUNDARY}; boundary=b2", STATUS + b"--b1--\r\n--b2\r\n\r\n" + text.encode() + b"\r\n--b2--\r\n"
    ),
    "plain text": lambda text: said(TEXT, text),
    "HTML": lambda text: said("text/html", f"<p>Citizenship: Mexico</p><p hidden>{text}</p>"),
    "XML": lambda text: said("application/xml", f"<a><s>Mexico</s><n t='{quote(text)}'/></a>"),
    "SOAP": lambda text: said("application/soap+xml", f"<e><b><n>{text.replace('<', '')}</n></b></e>"),
    "CSV": lambda text: said("text/csv", f'status,note\nMexico,"{text}"\n'),
    "compressed": lambda text: said(JSON, gzip.compress(json.dumps({"note": text}).encode()), content_encoding="gzip"),
    "compressed, and not said so": lambda text: said("application/gzip", gzip.compress(text.encode())),
    "a body that nobody saw": lambda _text: WebMessage("POST", "/in", complete=False),
    "the query": lambda text: said(JSON, json.dumps(COVER), query=urlencode({"q": text})),
    "the name of a query's field": lambda text: said(JSON, json.dumps(COVER), query=quote(text, safe="")),
    "a field of the head": lambda text: said(JSON, json.dumps(COVER), headers=(("x-note", text.replace("\n", " ")),)),
}  # fmt: skip


def test_there_are_more_than_a_thousand_when_they_are_counted():
    assert len(WAYS) * len(ALL) > 1_000


@pytest.mark.parametrize("way", WAYS)
def test_request_to_an_authority_is_blocked_in_whatever_form_it_says_more_than_status(way):
    for _, text in ALL:
        seen = examine_web(WAYS[way](text), ICE, pack(PACKS[0]).parameters)
        assert [name for name in PACKS if decided(seen, name).permit] == [], text


def test_path_is_judged_when_the_settings_do_not_list_it():
    for _, text in ALL:
        target = WebTarget("https://intake.example", agency="ICE")
        seen = examine_web(WebMessage("GET", "/" + quote(text, safe="")), target, pack(PACKS[0]).parameters)
        assert [name for name in PACKS if decided(seen, name).permit] == [], text


GOES_ON = [
    as_json({"to": "agent@ice.dhs.gov"}),
    as_json({"sendTo": ["clerk@court.example", "AGENT@ICE.DHS.GOV."]}),
    as_json({"personalizations": [{"to": [{"email": "x@court.example"}], "cc": "Agent <agent@ice.gov>"}]}),
    as_json({"recipient_list": "clerk@court.example; agent@dhs.gov"}),
    as_json({"fax_number": "+1 (802) 872-6020"}),
    as_json({"webhook": "https://ice.dhs.gov/in"}),
    as_json({"destination": "VTICE0900"}),
    as_json({"forward": "relay.example!ice.dhs.gov!agent@x.example"}),
    as_json({"to": "agent@1ce.gov"}),
    as_json({"notify": "ICE Detroit"}),
    said(FORM, "To=agent%40ice.dhs.gov&text=x"),
    parts(part("to", b"agent@ice.dhs.gov"), part("text", b"x")),
    said("application/xml", "<m><To>agent@ice.dhs.gov</To></m>"),
    said("application/xml", "<m to='agent@ice.dhs.gov'/>"),
    said("message/rfc822", b"To: agent@ice.dhs.gov\r\nSubject: x\r\n\r\nreleased at 07:30\r\n"),
    said(JSON, "{}", query="bcc=agent%40ice.dhs.gov"),
    said(JSON, "{}", query="bcc=agent%2540ice.dhs.gov"),
    said(TEXT, "AM.MI3341600.VTICE0900.TXT HELLO"),
    WebMessage("POST", "/to/agent@ice.dhs.gov/x", body=b"out at 0730", content_type=TEXT),
]


@pytest.mark.parametrize("message", GOES_ON, ids=range(len(GOES_ON)))
def test_request_that_is_passed_on_to_an_authority_is_one_to_it(message):
    seen = examine_web(message, RELAY, pack(PACKS[0]).parameters)
    assert seen.recipient_class.value == "immigration_authority"


@pytest.mark.parametrize(
    "message",
    [
        as_json({"hold": {"agency": "ICE", "form": "I-247A", "ori": "VTICE0900"}}),
        as_json({"text": "see https://www.ice.gov/detention"}),
        as_json({"to": "clerk@court.example", "text": "He is released at 07:30"}),
        said(FORM, "agency=ICE&released=07%3A30"),
        said("image/png", b"\x89PNG\r\n\x1a\n" + b"x" * 100),
    ],
    ids=range(5),
)
def test_ordinary_request_passes_when_it_only_speaks_of_an_authority(message):
    seen = examine_web(message, RELAY, pack(PACKS[0]).parameters)
    assert all(decided(seen, name).permit for name in PACKS)


async def test_nothing_hostile_arrives_and_everything_ordinary_does_byte_for_byte(tmp_path):
    async with Upstream().serving() as ice, Upstream().serving() as court:
        table = [
            {"name": "ice", "url": ice.url, "agency": "ICE", "paths": ["/in"], "headers": ["x-note"]},
            {"name": "court", "url": court.url, "paths": ["/in"], "headers": ["x-note"]},
        ]
        async with site(settings(tmp_path, {"upstreams": table})) as gate:
            sent = []
            for number, way in enumerate(WAYS):
                message = WAYS[way](TOLD[number % len(TOLD)])
                path = f"/in?{message.query}" if message.query else "/in"
                fields = {name.title(): value for name, value in message.headers if value.isascii()}
                for name, value in (
                    ("Content-Type", message.content_type),
                    ("Content-Encoding", message.content_encoding),
                ):
                    fields |= {name: value} if value else {}
                if not message.complete:
                    continue
                assert (await gate.ask("POST", f"/forward/ice{path}", message.body, fields)).status == 403, way
                assert (await gate.ask("POST", f"/forward/court{path}", message.body, fields)).status == 200, way
                sent.append(message.body)
            counts = gate.parts.book.counts()
        assert ice.requests == []
        assert [each.partition(b"\r\n\r\n")[2] for each in court.requests] == sent
        assert counts == {"blocked": len(sent), "sent": len(sent)}
