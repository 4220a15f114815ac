"""What the ``holdwatch report`` commands share: where entries come from, what goes into the log, where files go."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from connectors.email.client import EmailChannel
from connectors.notice import SendError
from integration.audit.checkpoint import parse
from integration.cli.opening import audit_desk, opened_installation
from integration.errors import TransientError, UsageError
from integration.reports.asked import Asked
from integration.reports.filing import FILED, MEDIA, Written, filed_detail
from integration.runners.reporting import Source, exported, installed
from integration.services.ports import Changes

DELIVERED: Final = "report.delivered"


@contextmanager
def opened_source(settings: Path, folder: Path | None) -> Iterator[Source]:
    """Open an exported log where a folder is given, otherwise the installation.

    Raises:
        UsageError: there is none.
    """
    if folder is not None:
        yield exported(folder)
        return
    with opened_installation(settings) as installation:
        yield installed(installation, parse(installation.checkpointer.publish()))


def put(folder: Path, source: Source, asked: Asked, files: Sequence[Written], actor: str) -> int | None:
    """Record that a report leaves, then put its files into a folder. Returns the entry's leaf index, if it has one.

    No record, no action: files are named as they should be only after the entry is committed. An exported log cannot
    be written to, and says nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for each in files:
        (folder / f".{each.name}.new").write_bytes(each.content)
    index = _record(source, FILED, "filed", actor, filed_detail(asked, files, "folder"), asked.facility)
    for each in files:
        (folder / f".{each.name}.new").replace(folder / each.name)
    return index


def send(source: Source, asked: Asked, files: Sequence[Written], actor: str) -> None:
    """Mail files that are filed already, and record that a relay took them.

    Raises:
        UsageError: the settings name no mailbox, or the copy is not the public one.
        TransientError: the relay did not take them.
    """
    assert source.installation is not None
    settings = source.installation.settings.reports.email
    if settings is None:
        raise UsageError("the settings name no mailbox (reports.email)")
    if not asked.public:
        raise UsageError("only a public copy is mailed: mail is read by machines on its way")
    subject = f"holdwatch report: {asked.report}, {asked.period.name()}"
    text = f"Facility: {asked.facility or 'all'}\nLog: {asked.origin}, {asked.size} entries, root hash {asked.root}\n"
    attached = [(each.name, MEDIA[each.form], each.content) for each in files]
    channel = EmailChannel(settings)
    try:
        asyncio.run(channel.post(subject, text, attached, at=datetime.now(UTC)))
    except SendError as error:
        _record(source, DELIVERED, "failed", actor, filed_detail(asked, files, settings.name), asked.facility)
        raise TransientError(f"the mail relay did not take the report: {error}") from error
    _record(source, DELIVERED, "delivered", actor, filed_detail(asked, files, settings.name), asked.facility)


def _record(source: Source, kind: str, outcome: str, actor: str, detail: Any, facility: str) -> int | None:
    if source.installation is None:
        return None
    desk = audit_desk(source.installation)
    entry = desk.entry(kind, outcome, actor, detail, source=facility)
    indices = desk.write(lambda: ([entry], Changes()))
    source.installation.checkpointer.publish()
    return indices[0] if indices else None
