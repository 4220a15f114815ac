"""A local command: without a shell, with the notice on its standard input, and never waited for past its limit."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.command.client import CommandChannel
from connectors.command.config import CommandSettings
from connectors.notice import Notice, PassingSendError, PermanentSendError, Why

NOTICE = Notice("n-1", datetime(2026, 3, 2, tzinfo=UTC), "title $(touch zyxquorn)", "text; `touch zyxquorn`\n", "x")


async def test_it_is_given_title_and_text_when_it_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = 'cat > told; echo "$HOLDWATCH_NOTICE_ID|$HOLDWATCH_NOTICE_TITLE" >> told'
    await CommandChannel(CommandSettings(argv=["/bin/sh", "-c", script])).send(NOTICE)
    assert (tmp_path / "told").read_text() == f"{NOTICE.title}\n\n{NOTICE.text}n-1|{NOTICE.title}\n"
    assert not (tmp_path / "zyxquorn").exists()


@pytest.mark.parametrize(
    ("argv", "error", "says"),
    [
        (["/nonexistent"], PermanentSendError, "failed (it cannot be started)"),
        (["/bin/sh", "-c", "exit 7"], PassingSendError, "failed (status 7)"),
        (["/bin/sh", "-c", "exec <&-; exit 0"], None, ""),
    ],
)
async def test_it_says_so_when_the_command_fails(argv, error, says):
    channel = CommandChannel(CommandSettings(argv=argv))
    if error is None:
        # because a command need not read what it is told
        await channel.send(NOTICE)
        return
    with pytest.raises(error) as caught:
        await channel.send(NOTICE)
    assert (str(caught.value), caught.value.why) == (says, Why.FAILED)


async def test_it_is_ended_with_its_children_when_it_takes_too_long(tmp_path):
    script = f"sleep 60 & echo $! > {tmp_path}/child; wait"
    channel = CommandChannel(CommandSettings(argv=["/bin/sh", "-c", script], timeout_seconds=1))
    with pytest.raises(PassingSendError, match="takes too long"):
        await channel.send(NOTICE)
    child = int((tmp_path / "child").read_text())
    limit = time.monotonic() + 10
    while _lives(child):
        assert time.monotonic() < limit


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Ended, and not yet waited for by whoever took it over, is ended.
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
