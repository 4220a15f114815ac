"""A notice by mail: text and page in one message, whatever its title holds."""

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from connectors.email.client import EmailChannel
from tests.channels.kinds import NOTICE
from tests.connectors.email.test_email import QUICK, relay, settings


async def test_text_and_page_are_alternatives_when_a_notice_has_both():
    async with relay() as box:
        await EmailChannel(settings(box), QUICK).send(NOTICE)
    ((_, content),) = box.taken
    message = message_from_bytes(content, policy=policy.default)
    parts = [(part.get_content_type(), part.get_content().replace("\r\n", "\n")) for part in message.iter_parts()]
    # The last is the one that a mail program prefers (RFC 2046, section 5.1.4).
    assert (message.get_content_type(), [kind for kind, _ in parts]) == (
        "multipart/alternative",
        ["text/plain", "text/html"],
    )
    assert (parts[0][1], parts[1][1].strip()) == (NOTICE.text, NOTICE.html)


@pytest.mark.parametrize("title", ["x\r\nBcc: a@b.example", "x\u2028y", "\u0000", "B-\u4e2d\u6587", "x" * 3000])
async def test_no_header_is_added_when_the_title_is_hostile(title):
    async with relay() as box:
        await EmailChannel(settings(box), QUICK).send(replace(NOTICE, title=title))
    ((recipients, content),) = box.taken
    message = message_from_bytes(content, policy=policy.default)
    assert {name.lower() for name in message} == {
        "subject", "from", "to", "date", "message-id", "auto-submitted", "mime-version", "content-type",
    }  # fmt: skip
    assert recipients == ["it@jail.example", "watch@jail.example"]
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
