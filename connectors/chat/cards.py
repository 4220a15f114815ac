"""A notice as Slack's blocks and as an Adaptive Card. Nothing of its text is read as markup, mention or link."""

from typing import Any, Final

import orjson

from connectors.notice import Notice

_HEADER: Final = 150
"""Characters that Slack takes in a header."""
_SECTION: Final = 3000
"""Characters that Slack takes in a section."""
_MOST_SECTIONS: Final = 40
"""Of at most 50 blocks."""
_TITLE: Final = 1000
_CARD_BYTES: Final = 24_000
"""Teams takes about 28 KB for the whole message."""
_CUT: Final = " … (cut: see the link)"
_OPEN: Final = "See and acknowledge"


def slack_message(notice: Notice) -> dict[str, Any]:
    """Return the body for an incoming webhook."""
    pieces = [notice.text[at : at + _SECTION] for at in range(0, len(notice.text), _SECTION)]
    if len(pieces) > _MOST_SECTIONS:
        pieces = [*pieces[:_MOST_SECTIONS], _CUT.strip()]
    blocks = [{"type": "header", "text": _plain(_cut(notice.title, _HEADER))}]
    blocks += [{"type": "section", "text": _plain(piece)} for piece in pieces if piece.strip()]
    if notice.link:
        link = {"type": "mrkdwn", "text": f"<{_escaped(notice.link)}|{_OPEN}>", "verbatim": True}
        blocks.append({"type": "section", "text": link})
    # The link is not to be asked for by a preview; the text beside blocks is what a telephone shows.
    return {"text": _escaped(notice.title), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _escaped(text: str) -> str:
    """Slack reads these three characters, and mentions and links begin with one of them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams_message(notice: Notice) -> dict[str, Any]:
    """Return the body for a workflow: an Adaptive Card whose texts are runs, which know no Markdown."""
    kept = len(notice.text)
    message = _card(notice, notice.text)
    while len(orjson.dumps(message)) > _CARD_BYTES and kept:
        kept = kept * 3 // 4
        message = _card(notice, notice.text[:kept] + _CUT)
    return message


def _card(notice: Notice, text: str) -> dict[str, Any]:
    body = [_run(_cut(notice.title, _TITLE), weight="Bolder", size="Medium")]
    body += [_run(line or " ", spacing="None") for line in text.rstrip("\n").split("\n")]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "msteams": {"width": "Full"},
    }
    if notice.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": _OPEN, "url": notice.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, *, spacing: str = "Default", **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": [{"type": "TextRun", "text": text, **style}]}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
