"""What ``holdwatch doctor sources`` says of ``[[sources]]``: reachable, what it reads there, how far it has read.

Connections are opened, asked for names of columns, files or topics, and closed: no row is read, nothing is fetched.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, text

from connectors.jms_csv.config import CsvSource
from connectors.jms_debezium.config import DebeziumSource
from connectors.jms_niem.mapping import MappingFileError as NiemMappingFileError
from connectors.jms_niem.mapping import load_mapping as load_niem_mapping
from connectors.jms_sftp.config import SftpSource
from connectors.jms_sql.config import SqlSource
from connectors.jms_sql.database import Table, open_source
from connectors.jms_webhook.config import WebhookSource
from connectors.mapping.config import Mapped
from connectors.mapping.coverage import columns_of
from connectors.mapping.load import MappingFileError, load_mapping
from connectors.probing import Road, try_tcp
from connectors.sources import Source
from integration.domain.instants import MINUTE, Duration, Instant
from integration.errors import HoldwatchError
from integration.services.doctor import Result, fault, note, ok, warning
from integration.settings import Settings

_T = TypeVar("_T")
_SECONDS: Final = 10.0
_DAY: Final = 1440.0
"""Minutes: the limit for a connector whose mapping names no facility."""
_MOVED: Final = text(
    "SELECT max(at) FROM (SELECT changed_at AS at FROM source_positions WHERE name = :name "
    "UNION ALL SELECT max(at) AS at FROM source_deliveries WHERE name = :name) AS moved"
)
_RUN: Final = "Is `holdwatch connect run` up? Its journal says `source.failing` where it is not."


def check(settings: Settings, connection: Connection | None) -> Iterator[Result]:
    """Look at every connector. Args: ``connection`` to our database; None: it cannot be asked."""
    for source in settings.sources:
        limit = _limit(settings, source)
        loads = _mapping(source)
        if loads is not None:
            yield loads
        yield _reached(source)
        if connection is not None:
            yield _cursor(source, connection, limit)


def _name(source: Source, what: str) -> str:
    return f"sources.{source.name}.{what}"


def _limit(settings: Settings, source: Source) -> Duration:
    """Return how long a connector may bring nothing: as its facility's feed."""
    feed = ""
    try:
        if isinstance(source, Mapped):
            feed = load_mapping(source.mapping).source
        elif isinstance(source, WebhookSource) and source.mapping is not None:
            known = load_niem_mapping if source.form == "jtmp" else load_mapping
            feed = known(source.mapping).source
    except (MappingFileError, NiemMappingFileError):
        feed = ""  # told by itself
    minutes = next((each.silent_after_minutes for each in settings.facilities if each.source == feed), _DAY)
    return int(minutes * MINUTE)


def _mapping(source: Source) -> Result | None:
    file = source.mapping if isinstance(source, Mapped | WebhookSource) else None
    if file is None:
        return None
    name = _name(source, "mapping")
    try:
        if isinstance(source, WebhookSource) and source.form == "jtmp":
            load_niem_mapping(file)
        else:
            load_mapping(file)
    except (MappingFileError, NiemMappingFileError) as error:
        lines = str(error).splitlines()
        return fault(name, f"{file} does not load: {lines[-1].strip()}", "Mend it; `holdwatch connect test` tells all.")
    return ok(name, f"{file} loads")


def _reached(source: Source) -> Result:
    name = _name(source, "reach")
    try:
        return _LOOKS[type(source)](name, source)
    except MappingFileError:
        return note(name, "not asked, since its mapping does not load")
    except (HoldwatchError, OSError, TimeoutError) as error:
        why = str(error) or type(error).__name__
        return fault(name, f"cannot be read: {why}", "Address, network, log-in, rights there.")


def _csv(name: str, source: Source) -> Result:
    assert isinstance(source, CsvSource)
    return _folder(name, source.path)


def _folder(name: str, path: Path) -> Result:
    if not path.is_dir():
        return fault(name, f"{path} is not there", "`holdwatch connect run` makes it; or is a share not mounted?")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return fault(name, f"{path} cannot be read and written", "Give the service's user read, write and search.")
    return ok(name, f"{path} can be read and written")


def _webhook(name: str, source: Source) -> Result:
    assert isinstance(source, WebhookSource)
    tried = try_tcp(source.address, source.port, _SECONDS)
    if tried.road is Road.OPEN:
        return ok(name, f"somebody listens on port {source.port}")
    return fault(name, f"nobody listens on port {source.port}: {tried.why}", _RUN)


def _sql(name: str, source: Source) -> Result:
    assert isinstance(source, SqlSource)
    table = Table(source, open_source(source))
    try:
        given = set(table.columns())
    finally:
        table.close()
    wanted = [*columns_of(load_mapping(source.mapping)), *source.key, *([source.position] if source.position else ())]
    missing = [each for each in dict.fromkeys(wanted) if each not in given]
    if missing:
        return fault(name, f"the query lacks {', '.join(missing[:10])}", "Mend query, key, position or the mapping.")
    return ok(name, f"the query gives {len(given)} columns, all that are needed")


def _sftp(name: str, source: Source) -> Result:
    assert isinstance(source, SftpSource)
    if not source.to.is_dir():
        return _folder(name, source.to)
    from connectors.jms_sftp.client import SftpFetcher  # noqa: PLC0415  the client library is an extra

    waiting = _wait(SftpFetcher(source, time.time).look)
    return ok(name, f"{waiting} files wait there")


def _debezium(name: str, source: Source) -> Result:
    assert isinstance(source, DebeziumSource)
    from integration.runners.connect.changes import has_topic  # noqa: PLC0415  the client library is an extra

    if not _wait(partial(has_topic, source)):
        return fault(name, f"the brokers have no topic {source.topic}", "Is Debezium set up, and its prefix right?")
    return ok(name, f"the brokers have the topic {source.topic}")


_LOOKS: Final[dict[type, Callable[[str, Source], Result]]] = {
    CsvSource: _csv,
    WebhookSource: _webhook,
    SqlSource: _sql,
    SftpSource: _sftp,
    DebeziumSource: _debezium,
}


def _wait(act: Callable[[], Awaitable[_T]]) -> _T:
    async def limited() -> _T:
        async with asyncio.timeout(_SECONDS):
            return await act()

    return asyncio.run(limited())


def _cursor(source: Source, connection: Connection, limit: Duration) -> Result:
    name = _name(source, "cursor")
    if isinstance(source, CsvSource | SftpSource):
        return note(name, "keeps no position of its own: what it brought tells its feed")
    now: Instant = time.time_ns() // 1000
    moved = connection.execute(_MOVED, {"name": source.name}).scalar_one_or_none()
    if moved is None:
        return warning(name, "has never brought anything", _RUN)
    said = f"moved {(now - moved) / MINUTE:.0f} min ago, limit {limit / MINUTE:g} min"
    return warning(name, said, _RUN) if now - moved > limit else ok(name, said)
