"""What the ``holdwatch report`` commands share: where entries come from, what goes into the log, where files go."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from connectors.email.client import EmailChannel
from connectors.notice import SendError
from integration.audit.checkpoint import parse
from integration.audit.private import private_folder, write_private
from integration.cli.opening import audit_desk, opened_installation
from integration.errors import FatalError, TransientError, UsageError
from integration.reports.asked import Asked
from integration.reports.filing import FILED, MEDIA, Written, differing, filed_detail, said_of
from integration.reports.rendering.formats import file_name
from integration.runners.backup import sync
from integration.runners.reporting import Source, check_root, exported, installed, made
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
    private_folder(folder)
    for each in files:
        write_private(_pending(folder, each.name), each.content)
    sync(folder)
    index = _record(source, FILED, "filed", actor, filed_detail(asked, files, "folder"), asked.facility)
    for each in files:
        _pending(folder, each.name).replace(folder / each.name)
    sync(folder)
    return index


def _pending(folder: Path, name: str) -> Path:
    return folder / f".{name}.new"


def finish(folder: Path, detail: Mapping[str, Any]) -> list[Path]:
    """End a filing that was cut off after its entry: files that the entry names by their digests get their names.

    What else waits under such a name is another attempt's, and stays. Returns what got its name.
    """
    asked, digests = said_of(detail)
    named = []
    for form, digest in digests.items():
        path = folder / file_name(asked, form)
        pending = _pending(folder, path.name)
        if pending.exists() and sha256(pending.read_bytes()).hexdigest() == digest:
            pending.replace(path)
            named.append(path)
    if named:
        sync(folder)
    return named


def filed(source: Source, folder: Path, detail: Mapping[str, Any]) -> tuple[Asked, list[Written]]:
    """Return a report that was filed, byte for byte: from its files, or made again from the log as it was then.

    Raises:
        FatalError: it cannot be had any more.
    """
    asked, digests = said_of(detail)
    kept = [
        Written(path.name, form, path.read_bytes())
        for form in digests
        if (path := folder / file_name(asked, form)).exists()
    ]
    files = [each for each in kept if each.digest == digests[each.form]]
    lost = [form for form in digests if form not in {each.form for each in files}]
    if lost:
        check_root(source, asked)
        again = made(source, asked, lost)
        if differing(again, digests):
            raise FatalError(
                f"{again[0].name} is not there as it was filed, and made again it differs: nothing is sent"
            )
        files += again
    return asked, sorted(files, key=lambda each: list(digests).index(each.form))


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
