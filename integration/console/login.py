"""Logging in, and who it is that asks: passwords, one-time codes, sessions, keys for programs."""

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

import argon2
import pyotp

from integration.audit.entry import JSON, Entry
from integration.console.access import Caller, Role, Row, sources_of
from integration.console.people import TOKEN_PREFIX, People
from integration.domain.instants import MINUTE, SECOND, Instant
from integration.errors import TransientError
from integration.services.ports import Changes
from integration.store.accounts import (
    AccountRow,
    Grant,
    SessionRow,
    State,
    add_try,
    change_account,
    end_session,
    forget_tries,
    know_browser,
    open_session,
    pretend,
    prove_session,
)

_STEP: Final = 30
"""Seconds that a one-time code stands for (RFC 6238)."""
_TOUCH: Final = MINUTE
"""How often it is noted that a session is in use."""
_AT_ONCE: Final = 2
"""How many passwords are checked at the same time: each takes 64 MiB."""


class Refusal(StrEnum):
    """Why somebody was not let in. Who asks is told only that something is wrong."""

    UNKNOWN_ACCOUNT = "unknown_account"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  a reason
    WRONG_CODE = "wrong_code"
    LOCKED = "locked"
    SHUT = "shut"
    """From a browser that the account was not used from, and too many tries have failed from such."""
    DISABLED = "disabled"
    UNUSED = "unused"
    PASSWORDS_CLOSED = "passwords_closed"
    """Everybody logs in at a provider."""
    UNKNOWN_STATE = "unknown_state"
    """Somebody came back from the provider whom this console has not sent there from this browser, or not just now."""
    UNKNOWN_ROLE = "unknown_role"
    NO_ROLE = "no_role"
    UNUSABLE_NAME = "unusable_name"
    NAME_TAKEN = "name_taken"
    """By an account that is not this person's."""
    SOMEBODY_ELSE = "somebody_else"
    """Who showed again who he is is not whose session it is."""


@dataclass(frozen=True, slots=True)
class Known:
    """Who holds a session or a key, before it is asked what he may do."""

    account: str
    grants: tuple[Grant, ...]
    session: SessionRow | None = None
    token_id: str = ""
    scopes: tuple[str, ...] = ()

    @property
    def screen_only(self) -> bool:
        """Whether it is a screen on a wall, which stays on with nobody there."""
        return bool(self.grants) and all(grant.role == Role.WALL for grant in self.grants)

    def caller(self, row: Row, csrf: str = "") -> Caller:
        """Return him as the asker of a route."""
        return Caller(
            account=self.account,
            roles=frozenset(Role(grant.role) for grant in self.grants),
            sources=sources_of(self.grants, row),
            session=None if self.session is None else self.session.id_hash,
            token_id=self.token_id,
            csrf=csrf,
        )


class Door:
    """Lets people in, and knows them again."""

    def __init__(self, people: People) -> None:
        """Args: ``people`` has the accounts, the rules and the clock."""
        self._people, self._accounts, self._pen = people, people.accounts, people.pen
        self.rules, self._now = people.rules, people.now
        self._checking = threading.Semaphore(_AT_ONCE)
        # Checked for names that do not exist, so that those take as long.
        self._nobody = people.hasher.hash(token_urlsafe(16))
        self._no_secret = people.vault.seal(pyotp.random_base32().encode())

    # -- who it is --------------------------------------------------------------------------------------------------

    def by_session(self, secret: str, *, quiet: bool) -> Known | None:
        """Return who holds a session; None where it is unknown, ended, idle for too long or too old.

        Args:
            secret: what the browser holds.
            quiet: whether the page asks by itself, so that nobody need be there.
        """
        session = self._accounts.session(hash_of(secret))
        if session is None or session.revoked_at is not None:
            return None
        now = self._now()
        account = self._accounts.account(session.account)
        if account is None or account.disabled or now - session.opened_at >= self.rules.longest:
            return None
        grants = tuple(self._accounts.grants(session.account))
        known = Known(session.account, grants, session)
        if now - session.seen_at >= self.rules.idle and not known.screen_only:
            return None
        if not quiet and now - session.seen_at >= _TOUCH:
            self._accounts.touch(session.id_hash, now)
            session = session._replace(seen_at=now)
        return Known(session.account, grants, session)

    def by_token(self, token: str) -> Known | None:
        """Return whom a program acts for; None where its key is unknown, revoked or has expired."""
        token_id, _, secret = token.removeprefix(TOKEN_PREFIX).partition("_")
        row = self._accounts.token(token_id)
        given = sha256(secret.encode()).digest()
        if row is None or not hmac.compare_digest(given, row.secret_hash):
            return None
        account = self._accounts.account(row.account)
        if account is None or account.disabled or row.revoked_at is not None or row.expires_at <= self._now():
            return None
        return Known(row.account, tuple(self._accounts.grants(row.account)), None, token_id, row.scopes)

    def is_fresh(self, session: SessionRow) -> bool:
        """Tell whether somebody has shown who he is within the last minutes."""
        return self._now() - session.proven_at < self.rules.fresh

    # -- coming in --------------------------------------------------------------------------------------------------

    def log_in(self, name: str, password: str, code: str, browser: str = "") -> str | Refusal:
        """Check a person, and open a session.

        Args:
            name: of the account.
            password: what was typed.
            code: what was typed.
            browser: the secret by which this browser is known again; empty: it has none.

        Returns:
            What the browser has to keep; or why not.
        """
        secret = token_urlsafe(32)

        def opened(account: AccountRow, used: int, now: Instant) -> tuple[list[Entry], Changes]:
            session = SessionRow(hash_of(secret), account.name, now, now, now, None)
            entry = self._pen.entry("session.opened", "opened", f"officer:{account.name}", {})
            writes = [change_account(account, totp_used=used, seen_at=now), open_session(session)]
            writes += [know_browser(hash_of(browser), account.name, now)] if browser else []
            return [entry], Changes(also=[*writes, forget_tries(account.name)])

        known = self._accounts.knows(name, hash_of(browser), self._now() - self.rules.unused)
        return self._check(name, password, code, opened, known=known) or secret

    def prove(self, session: bytes, name: str, password: str, code: str) -> Refusal | None:
        """Check again, in a session, who the person is; None: it is he."""

        def proven(account: AccountRow, used: int, now: Instant) -> tuple[list[Entry], Changes]:
            entry = self._pen.entry("session.proven", "proven", f"officer:{account.name}", {})
            changed = change_account(account, totp_used=used)
            return [entry], Changes(also=[changed, forget_tries(account.name), prove_session(session, now)])

        return self._check(name, password, code, proven, known=True)

    def log_out(self, session: bytes, name: str) -> None:
        """End a session."""
        entry = self._pen.entry("session.closed", "closed", f"officer:{name}", {})
        self._pen.write(lambda: ([entry], Changes(also=[end_session(session, self._now())])))

    def _check(
        self,
        name: str,
        password: str,
        code: str,
        done: Callable[[AccountRow, int, Instant], tuple[list[Entry], Changes]],
        *,
        known: bool,
    ) -> Refusal | None:
        """Check a person. Whoever is refused, and why, costs the same: so nobody learns from the time it takes.

        Args:
            name: of the account.
            password: what was typed.
            code: what was typed.
            done: what happens if it is he.
            known: whether he is at a browser that the account was used from.
        """
        account = self._accounts.account(name)
        checked = self._nobody if account is None or account.provided else account.password
        matches = self._people.passwords and self._matches(checked, password)
        refusal: Refusal | None = None

        def prepare() -> tuple[list[Entry], Changes]:
            nonlocal refusal
            if not self._people.passwords:
                refusal = Refusal.PASSWORDS_CLOSED
                return [self._pen.entry("login.refused", "refused", "unknown", {"reason": refusal.value})], Changes()
            # Read again: while the password was checked, others may have tried too.
            now, row = self._now(), self._accounts.account(name)
            used = self._step_of(row, code, now)
            before = self._accounts.tries_since(name, now - self.rules.try_within)
            if row is None:
                refusal = Refusal.UNKNOWN_ACCOUNT
                # Not even the name: people type passwords there.
                entry = self._pen.entry("login.refused", "refused", "unknown", {"reason": refusal.value})
                return [entry], Changes(also=[pretend()])
            refusal = self._refusal(row, matches and row.password == checked, used, now, known=known)
            if refusal is None:
                return done(row, used or row.totp_used, now)
            return self._refused(row, refusal, now, before, known=known)

        self._pen.write(prepare)
        return refusal

    def _refusal(
        self, row: AccountRow, matches: bool, used: int | None, now: Instant, *, known: bool
    ) -> Refusal | None:
        # Neither tells a right password from a wrong one.
        if row.locked_at is not None:
            return Refusal.LOCKED
        if row.shut_at is not None and not known:
            return Refusal.SHUT
        if not matches:
            return Refusal.WRONG_PASSWORD
        if used is None:
            return Refusal.WRONG_CODE
        if row.disabled:
            return Refusal.DISABLED
        return Refusal.UNUSED if now - row.seen_at >= self.rules.unused else None

    def _refused(
        self, row: AccountRow, refusal: Refusal, now: Instant, before: tuple[int, int], *, known: bool
    ) -> tuple[list[Entry], Changes]:
        actor = f"officer:{row.name}"
        entries = [self._pen.entry("login.refused", "refused", actor, {"reason": refusal.value})]
        # Nobody guesses a password that there is not.
        if refusal not in {Refusal.WRONG_PASSWORD, Refusal.WRONG_CODE} or row.provided:
            return entries, Changes(also=[pretend()])
        every, strange = before[0] + 1, before[1] + (not known)
        values: dict[str, Instant] = {}
        if every >= self.rules.tries:
            detail: dict[str, JSON] = {"account": row.name, "tries": every}
            entries.append(self._pen.entry("account.locked", State.LOCKED.value, "service:console", detail))
            values = {"locked_at": now}
        elif strange >= self.rules.strangers and row.shut_at is None:
            detail = {"account": row.name, "tries": strange}
            entries.append(self._pen.entry("account.locked", State.SHUT.value, "service:console", detail))
            values = {"shut_at": now}
        # The account changes in any case: of two tries at once, one is counted after the other.
        return entries, Changes(also=[change_account(row, **values), add_try(row.name, now, known=known)])

    def _matches(self, hashed: str, password: str) -> bool:
        with self._checking:
            try:
                return self._people.hasher.verify(hashed, password)
            except argon2.exceptions.VerifyMismatchError:
                return False
            except argon2.exceptions.VerificationError as error:
                # No memory, most likely. That is nobody's wrong try.
                raise TransientError("a password cannot be checked just now") from error

    def _step_of(self, row: AccountRow | None, code: str, now: Instant) -> int | None:
        """Return the time step of a one-time code; None where it is wrong or was used. 0: none is asked for."""
        secret = None if row is None else row.totp
        codes = pyotp.TOTP(self._people.vault.open_sealed(secret or self._no_secret).decode())
        this, given = now // SECOND // _STEP, code.encode()
        steps = (this, this - 1, this + 1)
        # All three, whichever is right, and whether there is anybody to have a secret.
        right = [hmac.compare_digest(codes.generate_otp(step).encode(), given) for step in steps]
        if row is None or row.totp is None:
            return None if row is None or self._people.codes else 0
        return next(
            (step for step, is_right in zip(steps, right, strict=True) if is_right and step > row.totp_used), None
        )


def hash_of(secret: str) -> bytes:
    """Return what is kept of a session's secret."""
    return sha256(secret.encode()).digest()


def csrf_of(secret: str) -> str:
    """Return what a form of this session has to carry: nobody else's page can know it."""
    return hmac.new(secret.encode(), b"csrf", sha256).hexdigest()
