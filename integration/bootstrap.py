"""The one composition root: which store, which packs, which clock go together."""

import fcntl
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine

from connectors.jms_files.folder import DropFolder
from connectors.jms_files.reader import MapDocument
from connectors.jms_niem.inputs import inputs_of
from connectors.jms_niem.mapping import load_mapping
from connectors.kafka.config import Kafka
from integration.audit.merkle import Tree
from integration.audit.note import NoteError, SigningKey
from integration.clock import WallClock
from integration.domain.instants import MINUTE, SECOND, Duration, Instant
from integration.errors import FatalError
from integration.policy.pack import Pack, load
from integration.services.auditing import AuditDesk
from integration.services.backup import RESTORING
from integration.services.checkpoints import Checkpointer, open_log_key
from integration.services.deadlines import Reminders
from integration.services.desk import Desk, Owns, PackFor
from integration.services.dispatch import Deliver, Outbox
from integration.services.intake import Input, Intake
from integration.services.ports import OutboxRow
from integration.services.recorder import Appender, Recorder, Salts, random_salts, salts_of_content
from integration.services.roster_desk import RosterDesk
from integration.services.sequencer import Sequencer
from integration.settings import DropFolder as DropFolderSettings
from integration.settings import Settings
from integration.store.database import open_engine
from integration.store.heard import Heard
from integration.store.migrate import migrate
from integration.store.pulse import Pulse
from integration.store.queries import Records
from integration.store.sequencing import SqlSequencing
from integration.store.sources import SqlSources
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault
from schemas.refusals import InvalidEventError, Reason

if TYPE_CHECKING:
    from connectors.kafka.publisher import Publisher

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


MakeStore = Callable[[Engine, Vault], SqlStore]


def open_log(settings: Settings, make: MakeStore = SqlStore) -> OpenLog:
    """Open database, keys and anchor. Args: ``make`` puts the store over a database.

    Raises:
        FatalError: a key can be read by others or is missing, or the database fails.
        NoteError: the anchor was signed by another key, or under another name.
        AnchorError: the database was rolled back.
    """
    if (settings.site.state_dir / RESTORING).exists():
        # Without its database and anchor this folder looks like a new one: another log would begin under this key.
        folder = settings.site.state_dir
        raise FatalError(f"a restore has begun in {folder} and not ended: give the same `holdwatch restore` again")
    settings.key_file("log").parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _one_at_a_time(settings.site.state_dir):
        _keys_are_there(settings)
        vault = Vault.open(settings.key_file("vault"))
        key = open_log_key(settings.key_file("log"), settings.log.origin)
        store = open_store(settings.database_url, vault, make=make)
        try:
            checkpointer = Checkpointer(store, key, settings.anchor_file)
        except NoteError as error:
            store.close()
            raise NoteError(
                f"{settings.anchor_file} is no checkpoint by {settings.key_file('log')} under the name "
                f"{settings.log.origin} ({error}): was log.origin changed, or another key, or an older one, put there?"
            ) from error
    return OpenLog(settings, store, Records(store.engine), vault, key, checkpointer)


def _keys_are_there(settings: Settings) -> None:
    """See that a log that was begun has its keys, before new ones are made in their place.

    A new signing key goes on with no log that is there, and would be taken for the lost one. Without the vault's key
    the people in custody are watched all the same: it is said, and another one is made for what comes from now on.

    Raises:
        FatalError: the signing key is missing.
    """
    if not settings.anchor_file.exists():
        return
    key, vault = settings.key_file("log"), settings.key_file("vault")
    if not key.exists():
        raise FatalError(f"{key} is missing, and no other key goes on with this log: put it back from its copy")
    if not vault.exists():
        _log.error("vault.key_missing", file=str(vault), then="a new one is made; what the old one sealed stays shut")


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let processes that start together open an installation in turn: the first one makes what is missing."""
    with (folder / "opening.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield  # closing the file gives the lock back


def open_installation(settings: Settings, make: MakeStore = SqlStore) -> Installation:
    """Open database, keys, packs and anchor.

    Raises:
        FatalError: a key can be read by others, or the database fails.
        AnchorError: the database was rolled back.
        PolicyPackError: a pack does not load.
    """
    pack_for, packs = packs_of(settings)
    log = open_log(settings, make)
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


def open_store(url: str, vault: Vault, *, durable: bool = True, make: MakeStore = SqlStore) -> SqlStore:
    """Open a database, bring its tables up to date, and return the store over it."""
    engine = open_engine(url, durable=durable)
    migrate(engine)
    return make(engine, vault)


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
    pulse: Pulse
    folders: tuple[DropFolder, ...]
    batch_size: int
    checkpoint_every: float
    """Seconds."""
    heard: Callable[[], Mapping[str, Instant]] = dict
    """When each feed last brought something through any process, since it was asked last."""
    recorded_from: Instant | None = None
    """How late it is by the events' recorded times so far; None: the clock gives the time."""


def open_pulse(settings: Settings) -> Pulse:
    """Begin the heartbeat that `holdwatch watch` listens to."""
    settings.heartbeat_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Pulse(settings.heartbeat_file, [facility.source for facility in settings.facilities])


def embedded_ports(installation: Installation, clock: WallClock, pulse: Pulse | None = None) -> Ports:
    """Put the embedded runner together. Args: ``pulse`` is the heartbeat already begun, if there is one."""
    settings = installation.settings
    desk = open_desk(installation.store, installation.pack_for, place=settings.site.name, earlier=installation.packs)
    return Ports(
        desk=desk,
        intake=Intake(desk),
        checkpointer=installation.checkpointer,
        outbox=installation.records,
        deliver=deliver_to_log,
        clock=clock,
        pulse=pulse or open_pulse(settings),
        folders=tuple(_folder(each) for each in settings.drop_folders),
        batch_size=settings.intake.batch_size,
        checkpoint_every=settings.log.checkpoint_every_seconds,
        heard=Heard(installation.store.engine),
        recorded_from=_latest(installation.records, desk.size) if settings.intake.clock == "recorded" else None,
    )


def _latest(records: Records, size: int) -> Instant:
    """Return the time of the log's last entry, 0 for an empty log."""
    return max((row.at for row in records.entries(size - 1)), default=0) if size else 0


@dataclass(frozen=True, slots=True)
class ConnectPorts:
    """What the connectors' process is made of."""

    desk: Desk
    intake: Intake
    sources: SqlSources
    roster: RosterDesk
    clock: WallClock
    batch_size: int


def connect_ports(installation: Installation, clock: WallClock) -> ConnectPorts:
    """Put together what takes in for the connectors, beside an engine or workers."""
    settings, store = installation.settings, installation.store
    beside = settings.kafka is not None
    log = Appender() if beside else Recorder(Tree.restore(store.tree_size(), store.tile), random_salts)
    place, pack_for = settings.site.name, installation.pack_for
    desk = Desk(store, log, pack_for, place=place, earlier=installation.packs)
    sources = SqlSources(store.engine)
    audit = AuditDesk(store, place=place, now=clock.now, beside=beside)
    return ConnectPorts(
        desk=desk,
        intake=Intake(desk),
        sources=sources,
        roster=RosterDesk(sources, audit, lambda source, now: pack_for(source, now).parameters, clock.now),
        clock=clock,
        batch_size=settings.intake.batch_size,
    )


@dataclass(frozen=True, slots=True)
class WorkerPorts:
    """What a worker on Apache Kafka is made of."""

    kafka: Kafka
    store: SqlStore
    make_desk: Callable[[Owns | None], Desk]
    """From whose deadlines the desk fires by itself (None: nobody's, they come as reminders) to a fresh desk."""
    clock: WallClock
    recorded: bool
    """Whether time is that of the events, not the clock's."""
    partition_of: Callable[[bytes], int]
    """From a record's key to its partition."""
    owner: str
    """Names this process where it claims partitions."""
    heard: Callable[[], Mapping[str, Instant]]
    """When each feed last brought something new. Any thread, one at a time."""
    silent_after: Mapping[str, Duration]
    """By feed; empty in recorded time."""


def worker_ports(settings: Settings, kafka: Kafka, store: SqlStore, clock: WallClock) -> WorkerPorts:
    """Put a worker together.

    Raises:
        PolicyPackError: a pack does not load.
    """
    from connectors.kafka.publisher import partitioner  # noqa: PLC0415  the client library is an extra

    pack_for, packs = packs_of(settings)
    recorded = settings.intake.clock == "recorded"

    def make_desk(owns: Owns | None) -> Desk:
        place = settings.site.name
        return Desk(store, Appender(), pack_for, place=place, earlier=packs, owns=owns, tell_refused=True)

    silent = {each.source: int(each.silent_after_minutes * MINUTE) for each in settings.facilities}
    return WorkerPorts(
        kafka=kafka,
        store=store,
        make_desk=make_desk,
        clock=clock,
        recorded=recorded,
        partition_of=partitioner(kafka.partitions),
        owner=f"{uuid4().hex[:8]}/{socket.gethostname()}/{os.getpid()}",
        heard=Heard(store.engine),
        silent_after={} if recorded else silent,
    )


@dataclass(frozen=True, slots=True)
class KeeperPorts:
    """What the sequencer's loop is made of."""

    open_sequencer: Callable[[], Sequencer]
    records: Records
    checkpointer: Checkpointer
    reminders: Callable[[], Reminders] | None
    """None in recorded time, in which desks fire deadlines by themselves."""
    publisher: "Publisher"
    clock: WallClock
    checkpoint_every: float
    """Seconds."""
    close: Callable[[], None]
    """Gives the database's connections back."""


def keeper_ports(settings: Settings, kafka: Kafka, log: OpenLog, clock: WallClock) -> KeeperPorts:
    """Put a sequencer together. It works in two threads, so it opens stores of its own over the same database."""
    from connectors.kafka.publisher import Publisher  # noqa: PLC0415  the client library is an extra

    placing, reminding = (SqlStore(open_engine(settings.database_url), log.vault) for _ in range(2))

    def close() -> None:
        placing.close()
        reminding.close()

    return KeeperPorts(
        open_sequencer=lambda: Sequencer(SqlSequencing(placing)),
        records=log.records,
        checkpointer=Checkpointer(placing, log.key, settings.anchor_file),
        reminders=None if settings.intake.clock == "recorded" else lambda: Reminders(reminding),
        publisher=Publisher(kafka),
        clock=clock,
        checkpoint_every=settings.log.checkpoint_every_seconds,
        close=close,
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
