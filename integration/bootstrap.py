"""The one composition root: which store, which packs, which clock go together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from connectors.jms_files.folder import DropFolder
from connectors.jms_files.reader import MapDocument
from connectors.jms_niem.inputs import inputs_of
from connectors.jms_niem.mapping import load_mapping
from integration.audit.merkle import Tree
from integration.audit.note import SigningKey
from integration.clock import WallClock
from integration.domain.instants import SECOND, Instant
from integration.policy.pack import Pack, load
from integration.services.checkpoints import Checkpointer, open_log_key
from integration.services.desk import Desk, PackFor
from integration.services.dispatch import Deliver, Outbox
from integration.services.intake import Input, Intake
from integration.services.ports import OutboxRow
from integration.services.recorder import Recorder, Salts, random_salts, salts_of_content
from integration.settings import DropFolder as DropFolderSettings
from integration.settings import Settings
from integration.store.database import open_engine
from integration.store.migrate import migrate
from integration.store.queries import Records
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault
from schemas.refusals import InvalidEventError, Reason

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything that one installation's settings open."""

    settings: Settings
    store: SqlStore
    records: Records
    vault: Vault
    key: SigningKey
    checkpointer: Checkpointer
    pack_for: PackFor
    packs: tuple[Pack, ...]


@dataclass(frozen=True, slots=True)
class OpenLog:
    """What commands about an installation's records need: all but its packs, which may be broken meanwhile."""

    settings: Settings
    store: SqlStore
    records: Records
    vault: Vault
    key: SigningKey
    checkpointer: Checkpointer


def open_log(settings: Settings) -> OpenLog:
    """Open database, keys and anchor.

    Raises:
        FatalError: a key can be read by others, or the database fails.
        AnchorError: the database was rolled back.
    """
    settings.key_file("log").parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    vault = Vault.open(settings.key_file("vault"))
    key = open_log_key(settings.key_file("log"), settings.log.origin)
    store = open_store(settings.database_url, vault)
    checkpointer = Checkpointer(store, key, settings.anchor_file)
    return OpenLog(settings, store, Records(store.engine), vault, key, checkpointer)


def open_installation(settings: Settings) -> Installation:
    """Open database, keys, packs and anchor.

    Raises:
        FatalError: a key can be read by others, or the database fails.
        AnchorError: the database was rolled back.
        PolicyPackError: a pack does not load.
    """
    pack_for, packs = packs_of(settings)
    log = open_log(settings)
    return Installation(settings, log.store, log.records, log.vault, log.key, log.checkpointer, pack_for, packs)


def packs_of(settings: Settings) -> tuple[PackFor, tuple[Pack, ...]]:
    """Return the choice of pack by source and time, each by its facility's calendar, and all packs there are."""
    table: dict[str, list[tuple[Instant, Pack]]] = {}
    for facility in settings.facilities:
        zone = ZoneInfo(facility.zone)
        choices = []
        for choice in facility.packs:
            path = Path(choice.pack)
            day = choice.effective_from
            start = 0 if day is None else datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * SECOND
            choices.append((int(start), load(path if path.is_dir() else choice.pack)))
        table[facility.source] = sorted(choices, key=lambda each: each[0], reverse=True)

    def pack_for(source: str, now: Instant) -> Pack:
        choices = table.get(source)
        if choices is None:
            raise InvalidEventError(Reason.UNKNOWN_SOURCE, "/source: no facility is set up for this feed")
        # Before the first date the earliest pack stands in: a gap in the settings must not leave people unwatched.
        return next((pack for start, pack in choices if start <= now), choices[-1][1])

    return pack_for, tuple(pack for choices in table.values() for _, pack in choices)


def open_store(url: str, vault: Vault, *, durable: bool = True) -> SqlStore:
    """Open a database, bring its tables up to date, and return the store over it."""
    engine = open_engine(url, durable=durable)
    migrate(engine)
    return SqlStore(engine, vault)


def open_desk(
    store: SqlStore, pack_for: PackFor, *, place: str, salts: Salts = random_salts, earlier: Iterable[Pack] = ()
) -> Desk:
    """Return a desk that continues the store's log."""
    tree = Tree.restore(store.tree_size(), store.tile)
    return Desk(store, Recorder(tree, salts), pack_for, place=place, earlier=earlier)


def scratch_desk(path: Path, pack: Pack) -> tuple[SqlStore, Desk]:
    """Return an empty store in a file that is thrown away, and a desk for a replay over it."""
    store = open_store(f"sqlite:///{path}", Vault.throwaway(), durable=False)
    return store, open_desk(store, lambda _source, _at: pack, place="replay", salts=salts_of_content)


@dataclass(frozen=True, slots=True)
class Ports:
    """What the embedded runner is made of."""

    desk: Desk
    intake: Intake
    checkpointer: Checkpointer
    outbox: Outbox
    deliver: Deliver
    clock: WallClock
    folders: tuple[DropFolder, ...]
    batch_size: int
    checkpoint_every: float
    """Seconds."""


def embedded_ports(installation: Installation, clock: WallClock) -> Ports:
    """Put the embedded runner together."""
    settings = installation.settings
    desk = open_desk(installation.store, installation.pack_for, place=settings.site.name, earlier=installation.packs)
    return Ports(
        desk=desk,
        intake=Intake(desk),
        checkpointer=installation.checkpointer,
        outbox=installation.records,
        deliver=deliver_to_log,
        clock=clock,
        folders=tuple(_folder(each) for each in settings.drop_folders),
        batch_size=settings.intake.batch_size,
        checkpoint_every=settings.log.checkpoint_every_seconds,
    )


def deliver_to_log(rows: Sequence[OutboxRow]) -> None:
    """Tell changes on standard error, one JSON line each: booking numbers and ids, no names."""
    for row in rows:
        _log.info("outbox.told", key=row.key, topic=row.topic, payload=row.payload.decode())


def _folder(folder: DropFolderSettings) -> DropFolder:
    return DropFolder(folder.path, document_mapper(folder.mapping))


def document_mapper(mapping_file: Path | None) -> MapDocument:
    """Return what reads the XML documents of a folder, by its mapping file."""
    if mapping_file is None:
        return _no_mapping
    mapping = load_mapping(mapping_file)

    def mapped(place: str, document: bytes) -> list[Input]:
        return list(inputs_of(place, document, mapping, received_at=datetime.now(UTC)))

    return mapped


def _no_mapping(place: str, document: bytes) -> list[Input]:
    error = InvalidEventError(Reason.UNKNOWN_ROOT, "/: this folder has no mapping file for XML documents")
    return [Input(place, document, refusal=error)]
