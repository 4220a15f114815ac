"""Accounts, their roles, sessions and keys for programs: read at once, written with the entry that tells of it."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Engine, Select, Update, delete, func, insert, select, update

from integration.domain.instants import Instant
from integration.errors import StaleReadError
from integration.services.ports import Write
from integration.store import tables
from integration.store.database import sorted_errors


class State(StrEnum):
    """Whether somebody may log in."""

    OPEN = "open"
    SHUT = "shut"
    """From browsers that the account was used from, and from no other: too many tries failed elsewhere."""
    LOCKED = "locked"
    """From nowhere: too many tries failed. An administrator ends this one and the one above."""
    CLOSED = "closed"


class AccountRow(NamedTuple):
    """A person's account."""

    name: str
    password: str
    """argon2id, with parameters and salt; empty: the person logs in at a provider."""
    totp: bytes | None
    """Encrypted secret; None only in the demo."""
    totp_used: int
    """The time step of the last one-time code."""
    disabled: bool
    locked_at: Instant | None
    created_at: Instant
    seen_at: Instant
    version: int
    shut_at: Instant | None = None
    """Since when only browsers that it was used from may try."""

    @property
    def state(self) -> State:
        """Whether the person may log in."""
        if self.disabled:
            return State.CLOSED
        if self.locked_at is not None:
            return State.LOCKED
        return State.OPEN if self.shut_at is None else State.SHUT

    @property
    def provided(self) -> bool:
        """Whether the person logs in at a provider, which also says what he may do."""
        return not self.password


class Grant(NamedTuple):
    """A role at one facility; an empty source means every facility."""

    role: str
    source: str


class SessionRow(NamedTuple):
    """Somebody who is logged in."""

    id_hash: bytes
    account: str
    opened_at: Instant
    seen_at: Instant
    proven_at: Instant
    """When the person last showed who he is."""
    revoked_at: Instant | None


class TokenRow(NamedTuple):
    """A key for a program, which acts for an account."""

    token_id: str
    account: str
    secret_hash: bytes
    scopes: tuple[str, ...]
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None


class Accounts:
    """Reads on connections of its own, from any thread. What is to be written is returned as a `Write`."""

    def __init__(self, engine: Engine) -> None:
        """Args: ``engine`` from `database.open_engine`, migrated."""
        self._engine = engine

    def _all(self, statement: Select[Any]) -> list[Any]:
        with sorted_errors(), self._engine.connect() as connection:
            return list(connection.execution_options(isolation_level="AUTOCOMMIT").execute(statement).all())

    # -- reading ----------------------------------------------------------------------------------------------------

    def account(self, name: str) -> AccountRow | None:
        """Return one account."""
        found = self._all(select(tables.accounts).where(tables.accounts.c.name == name))
        return _account(found[0]) if found else None

    def accounts(self) -> list[AccountRow]:
        """Return every account, by name."""
        return [_account(row) for row in self._all(select(tables.accounts).order_by(tables.accounts.c.name))]

    def grants(self, account: str) -> list[Grant]:
        """Return the roles of one account."""
        table = tables.grants
        statement = select(table.c.role, table.c.source).where(table.c.account == account)
        return sorted(Grant(*row) for row in self._all(statement))

    def account_of(self, issuer: str, subject: str) -> str | None:
        """Return the account of somebody who logs in at a provider; None: there is none yet."""
        table = tables.identities
        found = self._all(select(table.c.account).where(table.c.issuer == issuer, table.c.subject == subject))
        return found[0].account if found else None

    def tries_since(self, account: str, since: Instant) -> tuple[int, int]:
        """Return how many log-ins have failed from an instant on, none having succeeded since.

        Returns:
            All of them; and those from browsers that the account was not used from.
        """
        table = tables.tries
        known = func.coalesce(func.sum(table.c.known), 0)
        found = self._all(select(func.count(), known).where(table.c.account == account, table.c.at >= since))[0]
        return int(found[0]), int(found[0]) - int(found[1])

    def knows(self, account: str, id_hash: bytes, since: Instant) -> bool:
        """Tell whether an account was used from a browser, from an instant on."""
        table = tables.browsers
        statement = select(table.c.account).where(
            table.c.id_hash == id_hash, table.c.account == account, table.c.seen_at >= since
        )
        return bool(self._all(statement))

    def session(self, id_hash: bytes) -> SessionRow | None:
        """Return one session, whatever has become of it."""
        found = self._all(select(tables.sessions).where(tables.sessions.c.id_hash == id_hash))
        return SessionRow(*found[0]) if found else None

    def open_sessions(self, account: str) -> int:
        """Return how many sessions of an account nobody has ended; some may have expired."""
        table = tables.sessions
        statement = select(func.count()).where(table.c.account == account, table.c.revoked_at.is_(None))
        return int(self._all(statement)[0][0])

    def token(self, token_id: str) -> TokenRow | None:
        """Return one key for a program."""
        found = self._all(select(tables.api_tokens).where(tables.api_tokens.c.token_id == token_id))
        return _token(found[0]) if found else None

    def tokens(self, account: str) -> list[TokenRow]:
        """Return the keys of an account, oldest first."""
        table = tables.api_tokens
        statement = select(table).where(table.c.account == account).order_by(table.c.created_at, table.c.token_id)
        return [_token(row) for row in self._all(statement)]

    # -- writing ----------------------------------------------------------------------------------------------------

    def touch(self, id_hash: bytes, now: Instant) -> None:
        """Take note that a session is in use. Needs no entry: it changes nobody's rights."""
        table = tables.sessions
        with sorted_errors(), self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.id_hash == id_hash).values(seen_at=now))

    def tidy(self, before: Instant, browsers_before: Instant) -> None:
        """Forget sessions and failed log-ins that ended long ago, and browsers that were not used for longer."""
        with sorted_errors(), self._engine.begin() as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.opened_at < before))
            connection.execute(delete(tables.tries).where(tables.tries.c.at < before))
            connection.execute(delete(tables.browsers).where(tables.browsers.c.seen_at < browsers_before))


def _account(row: Any) -> AccountRow:
    return AccountRow(*row)._replace(disabled=bool(row.disabled))


def _token(row: Any) -> TokenRow:
    return TokenRow(*row)._replace(scopes=tuple(orjson.loads(row.scopes)))


def _one(make: Callable[[], Update]) -> Write:
    """Return a change of exactly one row. Raises StaleReadError, where that one is not as it was read."""

    def write(connection: Connection) -> None:
        if connection.execute(make()).rowcount != 1:
            raise StaleReadError("the account has changed since it was read")

    return write


def add_account(row: AccountRow) -> Write:
    """Return what adds an account."""

    def write(connection: Connection) -> None:
        table = tables.accounts
        # Two who add the same name at once: the second one reads again, and sees that it is taken.
        if connection.execute(select(table.c.name).where(table.c.name == row.name)).first() is not None:
            raise StaleReadError("the account has been added meanwhile")
        connection.execute(insert(table).values({**row._asdict(), "disabled": int(row.disabled)}))

    return write


def add_identity(issuer: str, subject: str, account: str) -> Write:
    """Return what ties an account to a person at a provider. `add_account` goes with it."""
    values = {"issuer": issuer, "subject": subject, "account": account}

    def write(connection: Connection) -> None:
        table = tables.identities
        known = select(table.c.account).where(table.c.issuer == issuer, table.c.subject == subject)
        if connection.execute(known).first() is not None:
            raise StaleReadError("the account has been added meanwhile")
        connection.execute(insert(table).values(values))

    return write


def change_account(row: AccountRow, **values: Any) -> Write:
    """Return what changes an account; nothing, where it is no longer as it was read."""
    table = tables.accounts
    return _one(
        lambda: (
            update(table)
            .where(table.c.name == row.name, table.c.version == row.version)
            .values(**values, version=row.version + 1)
        )
    )


def set_grants(account: str, wanted: Iterable[Grant]) -> Write:
    """Return what gives an account exactly these roles. `change_account` goes with it."""
    rows = [{"account": account, **grant._asdict()} for grant in sorted(set(wanted))]

    def write(connection: Connection) -> None:
        connection.execute(delete(tables.grants).where(tables.grants.c.account == account))
        if rows:
            connection.execute(insert(tables.grants), rows)

    return write


def add_try(account: str, at: Instant, *, known: bool) -> Write:
    """Return what counts a failed log-in. Args: ``known``: from a browser that the account was used from."""
    values = {"account": account, "at": at, "known": int(known)}
    return lambda connection: _done(connection.execute(insert(tables.tries).values(values)))


def pretend() -> Write:
    """Return what asks as much of the database as `change_account` and `add_try`, and changes nothing."""
    accounts, tries = tables.accounts, tables.tries

    def write(connection: Connection) -> None:
        connection.execute(update(accounts).where(accounts.c.name == "").values(version=accounts.c.version))
        connection.execute(update(tries).where(tries.c.account == "").values(at=tries.c.at))

    return write


def know_browser(id_hash: bytes, account: str, at: Instant) -> Write:
    """Return what notes that an account is used from a browser."""
    table = tables.browsers

    def write(connection: Connection) -> None:
        connection.execute(delete(table).where(table.c.id_hash == id_hash, table.c.account == account))
        connection.execute(insert(table).values(id_hash=id_hash, account=account, seen_at=at))

    return write


def forget_browsers(account: str) -> Write:
    """Return what makes every browser a stranger to an account."""
    table = tables.browsers
    return lambda connection: _done(connection.execute(delete(table).where(table.c.account == account)))


def forget_tries(account: str) -> Write:
    """Return what begins counting anew."""
    return lambda connection: _done(connection.execute(delete(tables.tries).where(tables.tries.c.account == account)))


def open_session(row: SessionRow) -> Write:
    """Return what opens a session."""
    return lambda connection: _done(connection.execute(insert(tables.sessions).values(**row._asdict())))


def prove_session(id_hash: bytes, at: Instant) -> Write:
    """Return what notes that the person has shown again who he is."""
    table = tables.sessions
    return _one(
        lambda: (
            update(table)
            .where(table.c.id_hash == id_hash, table.c.revoked_at.is_(None))
            .values(proven_at=at, seen_at=at)
        )
    )


def end_session(id_hash: bytes, at: Instant) -> Write:
    """Return what ends one session."""
    table = tables.sessions
    ended = update(table).where(table.c.id_hash == id_hash, table.c.revoked_at.is_(None)).values(revoked_at=at)
    return lambda connection: _done(connection.execute(ended))


def end_sessions(account: str, at: Instant) -> Write:
    """Return what ends every session of an account."""
    table = tables.sessions
    ended = update(table).where(table.c.account == account, table.c.revoked_at.is_(None)).values(revoked_at=at)
    return lambda connection: _done(connection.execute(ended))


def add_token(row: TokenRow) -> Write:
    """Return what adds a key for a program."""
    values = {**row._asdict(), "scopes": orjson.dumps(row.scopes).decode()}
    return lambda connection: _done(connection.execute(insert(tables.api_tokens).values(values)))


def revoke_token(token_id: str, at: Instant) -> Write:
    """Return what ends a key for good; nothing, where it has ended already."""
    table = tables.api_tokens
    return _one(
        lambda: update(table).where(table.c.token_id == token_id, table.c.revoked_at.is_(None)).values(revoked_at=at)
    )


def _done(_result: object) -> None:
    """Drop a result: a `Write` returns nothing."""
