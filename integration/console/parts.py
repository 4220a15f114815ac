"""What the console is made of, opened from the settings."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import argon2

from integration.audit.checkpoint import parse
from integration.audit.note import SigningKey
from integration.audit.proofs import inclusion_proof
from integration.audit.tiles import tlog_proof
from integration.bootstrap import Installation, open_installation
from integration.clock import WallClock
from integration.console.login import Door
from integration.console.people import Pen, People, rules_of
from integration.console.provider import ProviderDoor
from integration.console.registers import Registers, open_registers
from integration.domain.alerts.alert import Alert
from integration.domain.instants import Instant
from integration.policy.pack import Pack
from integration.runners.alerting.parts import Acts, open_acts
from integration.runners.gateway.parts import GateParts, gate_parts
from integration.services.auditing import AuditDesk
from integration.services.checkpoints import Checkpointer
from integration.services.desk import PackFor
from integration.settings import Settings
from integration.store.accounts import Accounts
from integration.store.database import open_engine
from integration.store.queries import Records
from integration.store.search import Search
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault


class LockedActs:
    """What people do about alerts, for many threads: the store beneath it is for one at a time."""

    def __init__(self, acts: Acts) -> None:
        """Args: ``acts`` is nobody else's."""
        self._acts = acts
        self._turn = threading.Lock()
        self.close = acts.close

    def alert(self, alert_id: str) -> Alert | None:
        """Return one alert."""
        with self._turn:
            return self._acts.store.alert(alert_id)

    def open_alerts(self) -> list[tuple[Alert, str]]:
        """Return those that are open, each with who has taken it on (empty: nobody)."""
        with self._turn:
            alerts = self._acts.store.open_alerts()
            # What the alerting process has not taken note of yet counts already for who looks at the board.
            fresh = {each.alert_id: each.by for each in self._acts.store.acks()}
        return [(each, each.acked_by if each.acked_at is not None else fresh.get(each.alert_id, "")) for each in alerts]

    def acknowledge(self, alert_id: str, by: str, shown: Collection[str]) -> None:
        """See `AlertActs.acknowledge`."""
        with self._turn:
            self._acts.acts.acknowledge(alert_id, by, shown)


class LogEnd:
    """The log's signed end, for many threads: the store beneath it is for one at a time."""

    def __init__(self, store: SqlStore, checkpointer: Checkpointer) -> None:
        """Args: ``store`` is nobody else's."""
        self._store, self._checkpointer = store, checkpointer
        self._turn = threading.Lock()

    def publish(self) -> bytes:
        """See `Checkpointer.publish`."""
        with self._turn:
            return self._checkpointer.publish()

    def proof(self, index: int) -> bytes:
        """Return a ``.tlog-proof`` that an entry is in the log as it stands now.

        Raises:
            ValueError: the log has no such entry.
        """
        with self._turn:
            note = self._checkpointer.publish()
            return tlog_proof(index, inclusion_proof(index, parse(note).size, self._store.tile), note)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the pages ask."""

    settings: Settings
    installation: Installation
    records: Records
    accounts: Accounts
    people: People
    door: Door
    provider: ProviderDoor | None
    """None: everybody logs in here."""
    pen: Pen
    vault: Vault
    key: SigningKey
    log_end: LogEnd
    pack_for: PackFor
    packs: tuple[Pack, ...]
    search: Search
    registers: Registers
    gate: GateParts | None
    """None: this installation has no gate."""
    acts: "LockedActs | None"
    """None: nobody is told of findings here, so nothing is to be acknowledged."""
    now: Callable[[], Instant]
    demo: bool
    altered: Path | None
    """In the demo: where a copy of the log is, once it is there, that somebody has changed."""
    close: Callable[[], None]

    def zone_of(self, source: str) -> ZoneInfo:
        """Return the time zone of a feed's facility; UTC for what belongs to none."""
        return next((ZoneInfo(each.zone) for each in self.settings.facilities if each.source == source), _UTC)

    @contextmanager
    def fresh_installation(self) -> Iterator[Installation]:
        """Lend the installation over a store of its own: what takes inputs in has one thread."""
        store = SqlStore(open_engine(self.settings.database_url), self.vault)
        try:
            yield replace(self.installation, store=store)
        finally:
            store.close()

    @property
    def site_zone(self) -> ZoneInfo:
        """The zone for times that belong to no facility: the only one's; UTC where there are several."""
        zones = {each.zone for each in self.settings.facilities}
        return ZoneInfo(zones.pop()) if len(zones) == 1 else _UTC


_UTC = ZoneInfo("UTC")


class _Open(Protocol):
    @property
    def close(self) -> Callable[[], None]: ...


def open_people(
    settings: Settings,
    vault: Vault,
    *,
    now: Callable[[], Instant],
    hasher: argon2.PasswordHasher | None = None,
    codes: bool = True,
) -> tuple[People, SqlStore]:
    """Open accounts and what writes about them; the store is to be closed. Args: as for `People`."""
    store = SqlStore(open_engine(settings.database_url), vault)
    pen = Pen(AuditDesk(store, place=settings.site.name, now=now, beside=settings.kafka is not None))
    sources = [each.source for each in settings.facilities]
    accounts = Accounts(store.engine)
    oidc = settings.console.oidc
    people = People(
        accounts,
        pen,
        vault,
        rules_of(settings.console),
        now,
        sources=sources,
        hasher=hasher,
        codes=codes,
        passwords=oidc is None or oidc.local_passwords,
    )
    return people, store


def open_parts(
    settings: Settings,
    *,
    now: Callable[[], Instant] | None = None,
    hasher: argon2.PasswordHasher | None = None,
    demo: bool = False,
    altered: Path | None = None,
) -> Parts:
    """Open an installation for the console.

    Args:
        settings: the installation's.
        now: the current time; the system's clock, if not given.
        hasher: argon2id with other costs than the library's.
        demo: log-in without one-time codes, and a banner on every page.
        altered: see `Parts.altered`.

    Raises:
        FatalError: a key can be read by others, or the database fails.
        AnchorError: the database was rolled back.
        PolicyPackError: a pack does not load.
    """
    clock = now or WallClock().now
    installation = open_installation(settings)
    people, store = open_people(settings, installation.vault, now=clock, hasher=hasher, codes=not demo)
    provider = None if settings.console.oidc is None else ProviderDoor(people, settings.console)
    search = Search(settings.search_file, installation.records)
    registers = open_registers(installation, people.pen, clock)
    gate = None
    if settings.gate is not None:
        gate = gate_parts(installation, clock=WallClock(lambda: clock() * 1000))
    acts = None if settings.alerts is None else LockedActs(open_acts(settings, clock))
    return Parts(
        settings=settings,
        installation=installation,
        records=installation.records,
        accounts=people.accounts,
        people=people,
        door=Door(people),
        provider=provider,
        pen=people.pen,
        vault=installation.vault,
        key=installation.key,
        log_end=LogEnd(installation.store, installation.checkpointer),
        pack_for=installation.pack_for,
        packs=installation.packs,
        search=search,
        registers=registers,
        gate=gate,
        acts=acts,
        now=clock,
        demo=demo,
        altered=altered,
        close=_closing(gate, acts, search, registers, store, installation.store),
    )


def _closing(*opened: _Open | None) -> Callable[[], None]:
    def close() -> None:
        for each in opened:
            if each is not None:
                each.close()

    return close
