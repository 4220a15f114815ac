"""Rooms: the text arrives whole, and nothing of it becomes a mention, a link or markup."""

import json
from dataclasses import replace

import pytest

from connectors.chat.cards import slack_message, teams_message
from connectors.notice import PassingSendError, PermanentSendError
from tests.channels.kinds import NOTICE, OVER_HTTP, opened, sent
from tests.channels.party import party

HOSTILE = "<!channel> <https://evil|here> [here](https://evil) *b* `c` & @all"


async def test_slack_gets_plain_blocks_when_it_is_sent(tmp_path):
    with party() as side:
        await sent(opened(OVER_HTTP["slack"](tmp_path, side.url)))
    (got,) = side.got
    kinds = [(block["type"], block["text"]["type"], block["text"]["text"]) for block in got.json["blocks"]]
    assert kinds == [
        ("header", "plain_text", NOTICE.title),
        ("section", "plain_text", NOTICE.text),
        ("section", "mrkdwn", f"<{NOTICE.link}|See and acknowledge>"),
    ]
    # A preview would ask for the link.
    assert (got.json["unfurl_links"], got.json["unfurl_media"], got.json["text"]) == (False, False, NOTICE.title)


async def test_teams_gets_a_card_when_it_is_sent(tmp_path):
    with party() as side:
        side.ok = 202
        await sent(opened(OVER_HTTP["teams"](tmp_path, side.url)))
    (attachment,) = side.got[0].json["attachments"]
    card = attachment["content"]
    runs = [run["text"] for block in card["body"] for run in block["inlines"]]
    assert (attachment["contentType"], card["type"]) == ("application/vnd.microsoft.card.adaptive", "AdaptiveCard")
    assert runs == [NOTICE.title, "Booking B-100", "Release it."]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "See and acknowledge", "url": NOTICE.link}]


def test_slack_reads_no_markup_when_the_text_has_some():
    message = slack_message(replace(NOTICE, title=HOSTILE, text=HOSTILE, link=""))
    assert {block["text"]["type"] for block in message["blocks"]} == {"plain_text"}
    assert not {"<", ">"} & set(message["text"])


def test_teams_reads_no_markup_when_the_text_has_some():
    card = teams_message(replace(NOTICE, title=HOSTILE, text=HOSTILE))["attachments"][0]["content"]
    # Runs of a RichTextBlock are shown as they are; a TextBlock would read Markdown.
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}


@pytest.mark.parametrize("text", ["x" * 200_000, "x\n" * 50_000, "\u20ac\n" * 40_000, '"\\' * 60_000])
def test_it_fits_when_the_text_is_long(text):
    long = replace(NOTICE, text=text, title="t" * 5000)
    slack, teams = slack_message(long), teams_message(long)
    assert len(slack["blocks"]) <= 50
    assert max(len(block["text"]["text"]) for block in slack["blocks"]) <= 3000
    assert len(slack["blocks"][0]["text"]["text"]) <= 150
    assert len(json.dumps(teams, ensure_ascii=False).encode()) < 28_000
    assert "(cut: see the link)" in json.dumps(teams, ensure_ascii=False)
    assert slack["blocks"][-1]["text"]["text"].startswith("<https")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"Webhook message delivery failed with error: endpoint returned HTTP error 429 with ContextId", "busy (429)"),
        (b"Webhook message delivery failed with error: HTTP error 413", "busy (delivery failed)"),
    ],
)
async def test_it_is_not_taken_when_the_service_says_so_in_its_body(tmp_path, body, says):
    with party() as side:
        side.answer = lambda _: body
        with pytest.raises(PassingSendError) as caught:
            await sent(opened(OVER_HTTP["teams"](tmp_path, side.url)))
    assert (str(caught.value), len(side.got)) == (says, 3)


async def test_it_is_refused_for_good_when_the_room_is_gone(tmp_path):
    with party() as side:
        side.ok, side.answer = 410, lambda _: b"channel_is_archived"
        with pytest.raises(PermanentSendError):
            await sent(opened(OVER_HTTP["slack"](tmp_path, side.url)))
