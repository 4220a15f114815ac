"""Putting the mailroom together: for the gateway, for other enforcers, and for people's commands."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from connectors.smtp_gateway.upstream import Line, lines
from integration.bootstrap import Installation
from integration.clock import WallClock
from integration.domain.instants import DAY, HOUR, SECOND, Instant
from integration.domain.messages.people import Roster
from integration.errors import UsageError
from integration.services.auditing import AuditDesk
from integration.services.clerk import Clerk
from integration.services.examining import NO_ROSTER, Examine, examine_mail
from integration.services.letters import MailBook
from integration.services.maildesk import MailDesk, Terms
from integration.services.mailroom import Mailroom
from integration.services.quarantine import Quarantine
from integration.services.sending import Patience, Sending
from integration.settings import Gate, Settings
from integration.store.database import open_engine
from integration.store.mailroom import SqlMailBook
from integration.store.safe import KeySafe
from integration.store.sql_store import SqlStore


@dataclass(frozen=True, slots=True)
class GateParts:
    """The mailroom, and what stands around it."""

    settings: Gate
    source: str
    """The facility that mail is judged for."""
    now: Callable[[], Instant]
    desk: MailDesk
    """What the mailroom's parts share; other enforcers stand on it too."""
    mailroom: Mailroom
    sending: Sending
    quarantine: Quarantine
    book: MailBook
    clerk: Clerk
    close: Callable[[], None]
    """Writes what waits, and gives the connections back."""


def gate_settings(settings: Settings) -> Gate:
    """Return the gate's settings.

    Raises:
        UsageError: there are none, or they name a facility that there is not.
    """
    if settings.gate is None:
        raise UsageError("the settings have no [gate]")
    return settings.gate


def gate_source(settings: Settings, gate: Gate) -> str:
    """Return the facility that mail is judged for.

    Raises:
        UsageError: the settings name none, or one that there is not.
    """
    sources = [facility.source for facility in settings.facilities]
    source = gate.source or (sources[0] if len(sources) == 1 else "")
    if source not in sources:
        raise UsageError("gate.source is the source of one of the facilities")
    return source


def gate_parts(
    installation: Installation,
    *,
    clock: WallClock | None = None,
    roster: Callable[[], Roster] = lambda: NO_ROSTER,
    examine: Examine = examine_mail,
) -> GateParts:
    """Put the mailroom together, over connections of its own.

    Args:
        installation: as opened.
        clock: the time; None: the system's.
        roster: the people in custody.
        examine: does what `examine_mail` does, in another process maybe.

    Raises:
        UsageError: see `gate_settings`.
        FatalError: the key can be read by others.
    """
    settings = installation.settings
    gate = gate_settings(settings)
    now = (clock or WallClock()).now
    # The clerk writes in a thread of its own: a store is not shared between threads.
    store = SqlStore(open_engine(settings.database_url), installation.vault)
    desk = AuditDesk(store, place=settings.site.name, now=now, beside=settings.kafka is not None)
    clerk = Clerk(desk)
    book = SqlMailBook(installation.store.engine)
    safe, home = KeySafe.open(settings.key_file("gate")), gate_source(settings, gate)
    pack_for, terms = installation.pack_for, _terms(settings, gate)
    mail_desk = MailDesk(
        clerk=clerk,
        book=book,
        safe=safe,
        store=store,
        pack_for=pack_for,
        now=now,
        terms=terms,
        roster=roster,
        home=home,
    )
    owner = f"{uuid4().hex[:8]}/{socket.gethostname()}/{os.getpid()}"

    def close() -> None:
        clerk.close()
        store.close()

    return GateParts(
        settings=gate,
        source=home,
        now=now,
        desk=mail_desk,
        mailroom=Mailroom(mail_desk, examine),
        sending=Sending(mail_desk, owner=owner, patience=_patience(gate)),
        quarantine=Quarantine(mail_desk),
        book=book,
        clerk=clerk,
        close=close,
    )


def _terms(settings: Settings, gate: Gate) -> Terms:
    return Terms(
        retention=int(gate.retention_days * DAY),
        notices_from=gate.notices_from,
        contact=gate.contact,
        site=settings.site.name,
    )


def _patience(gate: Gate) -> Patience:
    return Patience(
        first=int(gate.retry_first_seconds * SECOND),
        longest=int(gate.retry_longest_seconds * SECOND),
        give_up=int(gate.give_up_hours * HOUR),
    )


def open_lines(gate: Gate) -> list[Line]:
    """Return the connections to the mail server behind the gate.

    Raises:
        UsageError: its password or certificates cannot be used.
    """
    return list(lines(gate.upstream, gate.smtp.hostname))
