"""Short messages: any provider's request, one line that fits, each telephone for itself."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import ValidationError

from connectors.notice import PassingSendError, PermanentSendError
from tests.channels.kinds import KEY, NOTICE, opened, sent, sms
from tests.channels.party import Got, Party, party

ONE, TWO, THREE = "+15175550100", "+15175550101", "+15175550102"
FORM = {"form": "query", "template": "To={to}&From={from}&Body={text}&Ref={id}"}


def to(got: Got) -> str:
    return got.json["to"]


async def test_json_is_what_the_provider_gets_when_it_is_sent(tmp_path):
    with party() as side:
        await sent(opened(sms(tmp_path, side.url)))
    (got,) = side.got
    assert (got.method, got.path, got.headers["authorization"]) == ("POST", "/messages", f"Bearer {KEY}")
    assert got.json == {"to": ONE, "from": "holdwatch", "text": NOTICE.short, "ref": "n-1"}


async def test_a_form_is_what_the_provider_gets_when_it_wants_one(tmp_path):
    basic = {"auth_scheme": "Basic", "user": "AC1"}
    with party() as side:
        await sent(opened(sms(tmp_path, side.url) | FORM | basic), replace(NOTICE, short="a&Body=b +%\n\u20ac"))
    (got,) = side.got
    assert dict(parse_qsl(got.body.decode())) == {
        "To": ONE,
        "From": "holdwatch",
        "Body": "a&Body=b +% \u20ac",
        "Ref": "n-1",
    }
    assert got.headers["content-type"] == "application/x-www-form-urlencoded"
    assert got.headers["authorization"].startswith("Basic QUMxOn")


async def test_a_query_is_what_the_provider_gets_when_it_takes_only_that(tmp_path):
    header = {"auth_header": "X-Api-Key", "auth_scheme": ""}
    with party() as side:
        await sent(opened(sms(tmp_path, side.url + "/send?v=1&x=") | FORM | header | {"method": "GET"}))
    (got,) = side.got
    assert (got.method, got.headers["x-api-key"]) == ("GET", KEY)
    assert dict(parse_qsl(urlsplit(got.path).query))["Body"] == NOTICE.short


async def test_a_value_stays_a_value_when_it_looks_like_a_placeholder(tmp_path):
    with party() as side:
        await sent(opened(sms(tmp_path, side.url)), replace(NOTICE, short='{to} {id} "},{"'))
    assert side.got[0].json["text"] == '{to} {id} "},{"'


@pytest.mark.parametrize(
    ("short", "most", "length"),
    [
        ("x" * 500, 1, 160),
        ("x" * 500, 2, 306),
        ("\u20ac" * 300, 1, 80 + 1),
        ("\u4e2d" * 300, 1, 70),
        ("\u4e2d" * 300, 2, 134),
    ],
)
async def test_it_is_cut_when_it_takes_too_many_messages(tmp_path, short, most, length):
    with party() as side:
        await sent(opened(sms(tmp_path, side.url) | {"most_segments": most}), replace(NOTICE, short=short))
    text = side.got[0].json["text"]
    assert text.endswith("...")
    assert len(text) == length


async def test_typography_does_not_cost_twice_when_plain_characters_do(tmp_path):
    with party() as side:
        await sent(opened(sms(tmp_path, side.url)), replace(NOTICE, short="\u201cB-1\u201d \u2013 na\u00efve\u2026"))
    assert side.got[0].json["text"] == '"B-1" - naive...'


def failing(side: Party, numbers: dict[str, list[int]]) -> None:
    """Answer each telephone's requests by its own list, then 200."""

    def status_of(got: Got) -> int:
        left = numbers.get(to(got), [])
        return left.pop(0) if left else 200

    side.status_of = status_of


async def test_a_telephone_is_not_written_to_twice_when_another_one_is_tried_again(tmp_path):
    with party() as side:
        failing(side, {TWO: [503, 503]})
        await sent(opened(sms(tmp_path, side.url) | {"recipients": [ONE, TWO, THREE]}))
    assert sorted(to(got) for got in side.got) == [ONE, TWO, TWO, TWO, THREE]


@pytest.mark.parametrize(("second", "missed"), [([400], 1), ([503] * 9, 1)])
async def test_it_counts_as_taken_when_one_telephone_is_reached(tmp_path, second, missed, capfd):
    with party() as side:
        failing(side, {TWO: second})
        await sent(opened(sms(tmp_path, side.url) | {"recipients": [ONE, TWO]}))
    said = "".join(capfd.readouterr())
    assert ("recipients_missed" in said, TWO in said) == (True, False)


@pytest.mark.parametrize(
    ("one", "two", "error"),
    [
        ([400], [404], PermanentSendError),
        ([400], [503] * 9, PassingSendError),
        ([503] * 9, [503] * 9, PassingSendError),
    ],
)
async def test_it_is_not_taken_when_no_telephone_is_reached(tmp_path, one, two, error, capfd):
    with party() as side:
        failing(side, {ONE: one, TWO: two})
        with pytest.raises(error) as caught:
            await sent(opened(sms(tmp_path, side.url) | {"recipients": [ONE, TWO]}))
    said = "".join(capfd.readouterr()) + repr(caught.value)
    assert (ONE in said, TWO in said, KEY in said) == (False, False, False)


OUTCOME = {"outcome": {"path": "messages.0.status", "taken": ["0"], "passing": ["1"]}}


@pytest.mark.parametrize(
    ("answers", "error", "requests"),
    [
        ([{"messages": [{"status": "0"}]}], None, 1),
        ([{"messages": [{"status": 0}]}], None, 1),
        ([{"messages": [{"status": "1"}]}, {"messages": [{"status": "0"}]}], None, 2),
        ([{"messages": [{"status": "9"}]}], PermanentSendError, 1),
        ([{"messages": []}], PermanentSendError, 1),
        ([{"messages": {"0": {}}}], PermanentSendError, 1),
        (["no json"], PermanentSendError, 1),
    ],
)
async def test_the_answer_decides_when_the_provider_says_200_to_everything(tmp_path, answers, error, requests):
    with party() as side:
        side.answer = lambda _: json.dumps(answers.pop(0)).encode() if answers != ["no json"] else b"<html>"
        channel = opened(sms(tmp_path, side.url) | OUTCOME)
        if error is None:
            await sent(channel)
        else:
            with pytest.raises(error, match="by the provider's answer"):
                await sent(channel)
    assert len(side.got) == requests


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"template": '{"to": "{to}"}'}, "has no {text}"),
        ({"template": '{"to": "{to}", "text": "{text}", "n": "{name}"}'}, "not {name}"),
        ({"template": '{"to": "{to}", "text": {text}}'}, "is not JSON"),
        ({"template": "{to} {text}", "form": "query"}, "no web form"),
        ({"recipients": ["5175550100"]}, "pattern"),
        ({"recipients": []}, "at least 1"),
        ({"sender": "more than eleven"}, "pattern"),
        ({"sender": ""}, "there is no sender"),
        ({"method": "GET"}, "needs form"),
        ({"user": "AC1"}, "go together"),
        ({"auth_scheme": "Basic"}, "go together"),
        ({"auth_header": "X-Key: a\r\nX"}, "pattern"),
        ({"most_segments": 0}, "greater than or equal"),
    ],
)
def test_settings_are_refused_when_they_cannot_be_meant(tmp_path, more, says):
    with pytest.raises(ValidationError, match=says):
        opened(sms(tmp_path, "https://example.org") | more)
