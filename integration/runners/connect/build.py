"""From settings to connectors at work. Every fault of every mapping file is told before anything begins."""

from collections.abc import Collection
from pathlib import Path

from connectors.jms_csv.config import CsvSource
from connectors.jms_debezium.config import DebeziumSource
from connectors.jms_niem.mapping import MappingFileError as NiemMappingFileError
from connectors.jms_niem.mapping import load_mapping as load_niem_mapping
from connectors.jms_sftp.config import SftpSource
from connectors.jms_sql.config import SqlSource
from connectors.jms_sql.database import Table, open_source
from connectors.jms_webhook.app import utc_now
from connectors.jms_webhook.bodies import events_body, jtmp_body, records_body
from connectors.jms_webhook.config import WebhookSource
from connectors.mapping.apply import Mapper
from connectors.mapping.load import MappingFileError, load_mapping
from connectors.mapping.model import MappingFile
from connectors.sources import Source
from integration.errors import UsageError
from integration.runners.connect.dumps import Dumps
from integration.runners.connect.folders import CsvFeed
from integration.runners.connect.memory import Memory
from integration.runners.connect.polling import SqlFeed
from integration.runners.connect.releases import Releases
from integration.runners.connect.run import Feed
from integration.runners.connect.taker import Taker
from integration.runners.connect.webhooks import WebhookFeed, nothing_before
from integration.settings import Settings


def feeds_of(settings: Settings, taker: Taker, only: Collection[str]) -> list[Feed]:
    """Make the connectors.

    Args:
        settings: with ``[[sources]]``.
        taker: takes in what they bring.
        only: names of those to make; none: all.

    Raises:
        UsageError: a name is unknown, a mapping file has faults, or a connector cannot be begun.
    """
    known = {source.name: source for source in settings.sources}
    if unknown := set(only) - set(known):
        raise UsageError(f"no [[sources]] table is named {', '.join(sorted(unknown))}")
    chosen = [source for name, source in known.items() if not only or name in only]
    if not chosen:
        raise UsageError("the settings have no [[sources]]")
    if settings.intake.clock == "recorded":
        raise UsageError('connectors live by the system\'s clock: intake.clock is "recorded"')
    facilities = {facility.source for facility in settings.facilities}
    return [_feed(source, taker, facilities) for source in chosen]


def _feed(source: Source, taker: Taker, facilities: Collection[str]) -> Feed:
    if isinstance(source, CsvSource):
        mapping = checked(source.mapping, facilities)
        return CsvFeed(source, mapping, taker, dumps_of(source.name, mapping, taker))
    if isinstance(source, WebhookSource):
        return _webhook(source, taker, facilities)
    if isinstance(source, SqlSource):
        return _sql(source, taker, facilities)
    if isinstance(source, SftpSource):
        return _sftp(source, taker)
    return _debezium(source, taker, facilities)


def _sftp(source: SftpSource, taker: Taker) -> Feed:
    try:
        from integration.runners.connect.fetching import SftpFeed  # noqa: PLC0415  the client library is an extra
    except ImportError:
        raise UsageError(f"source {source.name}: install holdwatch[sftp]") from None
    return SftpFeed(source, taker)


def _debezium(source: DebeziumSource, taker: Taker, facilities: Collection[str]) -> Feed:
    mapping = checked(source.mapping, facilities)
    if mapping.compares:
        raise UsageError(f'{source.mapping}: [snapshot] and on = "change" do not go with change events')
    try:
        from integration.runners.connect.changes import DebeziumFeed  # noqa: PLC0415  the client library is an extra
    except ImportError:
        raise UsageError(f"source {source.name}: install holdwatch[faust]") from None
    return DebeziumFeed(source, Mapper(mapping), taker)


def _sql(source: SqlSource, taker: Taker, facilities: Collection[str]) -> SqlFeed:
    mapping = checked(source.mapping, facilities)
    if source.mode == "changes" and mapping.compares:
        raise UsageError(f'{source.mapping}: [snapshot] and on = "change" need mode = "snapshot"')
    table = Table(source, open_source(source))
    return SqlFeed(source, Mapper(mapping), taker, table, dumps_of(source.name, mapping, taker))


def _webhook(source: WebhookSource, taker: Taker, facilities: Collection[str]) -> WebhookFeed:
    if source.mapping is None:
        sources = set(source.sources or facilities)
        if unknown := sources - set(facilities):
            raise UsageError(f"source {source.name}: no [[facilities]] table has the source {min(unknown)}")
        if not source.sources and len(sources) > 1:
            raise UsageError(f"source {source.name}: sources is missing: which of the facilities may it speak for?")
        return WebhookFeed(source, events_body(source.max_events, sources), taker)
    store = taker.ports.sources
    if source.form == "records":
        mapper = Mapper(checked(source.mapping, facilities))
        compare = Memory(source.name, mapper, store).compared if mapper.mapping.keeps_rows else nothing_before
        return WebhookFeed(source, records_body(mapper, source.max_events), taker, compare)
    try:
        mapping = load_niem_mapping(source.mapping)
    except NiemMappingFileError as error:
        raise UsageError(str(error)) from None
    if mapping.source not in facilities:
        raise UsageError(f"{source.mapping}: no [[facilities]] table has its source")
    releases = Releases(source.name, mapping.source, store)
    return WebhookFeed(source, jtmp_body(mapping, utc_now), taker, releases.compared)


def dumps_of(name: str, mapping: MappingFile, taker: Taker) -> Dumps:
    """Return what reads a connector's dumps."""
    return Dumps(name, Mapper(mapping), taker, taker.ports.roster)


def checked(file: Path, facilities: Collection[str]) -> MappingFile:
    """Read a mapping file whose feed has to be set up. Raises UsageError."""
    try:
        mapping = load_mapping(file)
    except MappingFileError as error:
        raise UsageError(str(error)) from None
    if mapping.source not in facilities:
        raise UsageError(f"{file}: no [[facilities]] table has its source")
    return mapping
