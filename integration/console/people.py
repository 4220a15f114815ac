"""What is done with accounts: adding, changing, unlocking them, keys for programs. Each act is an entry of the log."""

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_bytes, token_hex, token_urlsafe
from typing import Final

import argon2
import pyotp

from integration.audit.entry import JSON, Entry
from integration.console.access import Role, Scope
from integration.domain.instants import DAY, MINUTE, Duration, Instant
from integration.errors import UsageError
from integration.services.auditing import AuditDesk, Prepare
from integration.services.ports import Changes, Write
from integration.settings import Console
from integration.store.accounts import (
    AccountRow,
    Accounts,
    Grant,
    TokenRow,
    add_account,
    add_token,
    change_account,
    end_sessions,
    forget_browsers,
    forget_tries,
    revoke_token,
    set_grants,
)
from integration.store.vault import Vault

ISSUER: Final = "holdwatch"
_PROVIDED: Final = frozenset({"roles_set", "password_set", "code_set"})
"""Changes of an account that are made at the log-in provider, where it comes from there."""
SHORTEST: Final = 12
"""Characters of a password. CJISSECPOL 6.0 IA-5(1) asks for 8."""
_LONGEST: Final = 256
_EVERYWHERE: Final = "*"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
TOKEN_PREFIX: Final = "hw_"  # noqa: S105  it is no secret
_COMMON: Final = (
    "password", "passw0rd", "qwerty", "letmein", "welcome", "admin", "iloveyou", "monkey", "dragon", "sunshine",
    "123456", "abc123", "football", "baseball", "superman", "trustno1", "holdwatch", "changeme", "jail", "sheriff",
)  # fmt: skip
"""What a password may not be made of, but for digits and marks around it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of CJISSECPOL 6.0, as the settings tighten them."""

    tries: int
    """After how many failed log-ins an account is locked, until an administrator unlocks it (AC-7)."""
    try_within: Duration
    """Within which they count together, from wherever they are made."""
    idle: Duration
    """After which a session is over if nobody did anything (AC-11)."""
    longest: Duration
    """After which it is over in any case (IA-11)."""
    fresh: Duration
    """How long it counts that somebody has shown who he is, for privileged functions (IA-11)."""
    unused: Duration
    """After which an account that nobody used is closed (AC-2(3))."""
    token: Duration
    """How long a key for a program is good at the most."""

    @property
    def strangers(self) -> int:
        """After how many tries from browsers that the account was not used from all of those are shut out.

        Until an administrator unlocks it. Fewer than `tries`, so that they alone never lock it to the person's own.
        """
        return max(1, self.tries - 1)


def rules_of(console: Console) -> Rules:
    """Return the rules that settings ask for."""
    return Rules(
        tries=console.tries,
        try_within=int(console.try_minutes * MINUTE),
        idle=int(console.idle_minutes * MINUTE),
        longest=int(console.session_hours * 60 * MINUTE),
        fresh=10 * MINUTE,
        unused=90 * DAY,
        token=console.token_days * DAY,
    )


class Pen:
    """Lets many threads write to the log, one after the other."""

    def __init__(self, desk: AuditDesk) -> None:
        """Args: ``desk`` has a store of its own."""
        self._desk = desk
        self._turn = threading.Lock()

    def entry(
        self, kind: str, outcome: str, actor: str, detail: dict[str, JSON], *, source: str = "", booking: str = ""
    ) -> Entry:
        """Return an entry about an act of now."""
        return self._desk.entry(kind, outcome, actor, detail, source=source, booking=booking)

    def write(self, prepare: Prepare) -> list[int]:
        """See `AuditDesk.write`."""
        with self._turn:
            return self._desk.write(prepare)

    def record(
        self, kind: str, outcome: str, actor: str, detail: dict[str, JSON], *, source: str = "", booking: str = ""
    ) -> int | None:
        """Write one entry; returns its leaf index, None where the sequencer gives it later."""
        entry = self.entry(kind, outcome, actor, detail, source=source, booking=booking)
        return next(iter(self.write(lambda: ([entry], Changes()))), None)


class People:
    """Everything about accounts but logging in."""

    def __init__(
        self,
        accounts: Accounts,
        pen: Pen,
        vault: Vault,
        rules: Rules,
        now: Callable[[], Instant],
        *,
        sources: Iterable[str],
        hasher: argon2.PasswordHasher | None = None,
        codes: bool = True,
        passwords: bool = True,
    ) -> None:
        """Put it together.

        Args:
            accounts: where they are kept.
            pen: writes what is done.
            vault: encrypts the secrets of one-time codes.
            rules: the numbers.
            now: gives the current time.
            sources: the feeds that a role may be given for.
            hasher: argon2id with other costs than the library's.
            codes: False only in the demo: log-in without one-time codes.
            passwords: False where everybody logs in at a provider.
        """
        self.accounts, self.pen, self.vault, self.rules, self.now, self.codes = accounts, pen, vault, rules, now, codes
        self.hasher = hasher or argon2.PasswordHasher()
        self.passwords = passwords
        self._sources = frozenset(sources)

    def named(self, name: str) -> AccountRow:
        """Return an account.

        Raises:
            UsageError: there is none of that name.
        """
        row = self.accounts.account(name)
        if row is None:
            raise UsageError("there is no account of that name")
        return row

    def add(self, name: str, password: str, grants: Sequence[Grant], *, by: str) -> str:
        """Add an account.

        Args:
            name: what the person logs in with: small letters, digits, dot, dash, underscore.
            password: the first one.
            grants: roles.
            by: who adds it.

        Returns:
            The secret for one-time codes (base32); empty in the demo.

        Raises:
            UsageError: the name is taken or no name, the password too simple, a role or feed unknown, or nobody
                has a password here.
        """
        if not self.passwords:
            raise UsageError("people come in through the log-in provider: the settings allow no passwords here")
        if not is_name(name):
            raise UsageError("a name has up to 64 small letters, digits, dots, dashes and underscores")
        check_password(password, name)
        self.check(grants)
        secret = pyotp.random_base32() if self.codes else ""
        now = self.now()
        row = AccountRow(
            name=name,
            password=self.hasher.hash(password),
            totp=self.vault.seal(secret.encode()) if secret else None,
            totp_used=0,
            disabled=False,
            locked_at=None,
            created_at=now,
            seen_at=now,
            version=1,
        )

        def prepare() -> tuple[list[Entry], Changes]:
            if self.accounts.account(name) is not None:
                raise UsageError("there is an account of that name already")
            entry = self.pen.entry("account.created", "created", by, {"account": name, "roles": told(grants)})
            return [entry], Changes(also=[add_account(row), set_grants(name, grants)])

        self.pen.write(prepare)
        return secret

    def set_roles(self, name: str, grants: Sequence[Grant], *, by: str) -> None:
        """Give an account exactly these roles. They count at its next request.

        Raises:
            UsageError: no such account, role or feed; or it is the account of whoever asks.
        """
        self.check(grants)
        self._change(name, "roles_set", by, {"roles": told(grants)}, also=[set_grants(name, grants)])

    def set_password(self, name: str, password: str, *, by: str) -> None:
        """Give an account another password, and end its sessions.

        Raises:
            UsageError: no such account, or the password is too simple.
        """
        check_password(password, name)
        hashed = self.hasher.hash(password)
        self._change(name, "password_set", by, {}, also=self._over(name), own=True, password=hashed)

    def new_secret(self, name: str, *, by: str) -> str:
        """Give an account another secret for one-time codes, end its sessions, and return the secret (base32)."""
        secret = pyotp.random_base32()
        sealed = self.vault.seal(secret.encode())
        self._change(name, "code_set", by, {}, also=self._over(name), totp=sealed, totp_used=0)
        return secret

    def _over(self, name: str) -> list[Write]:
        """Return what ends every session of an account, and makes every browser a stranger to it."""
        return [end_sessions(name, self.now()), forget_browsers(name)]

    def unlock(self, name: str, *, by: str) -> None:
        """Let somebody try again who was locked out."""
        also = [forget_tries(name)]
        self._change(name, "unlocked", by, {}, also=also, kind="account.unlocked", locked_at=None, shut_at=None)

    def disable(self, name: str, *, by: str) -> None:
        """Close an account: its sessions end, open boards and exports too, and its keys are good for nothing."""
        self._change(name, "disabled", by, {}, also=self._over(name), disabled=1)

    def enable(self, name: str, *, by: str) -> None:
        """Open an account again that was closed, or was not used for too long."""
        self._change(name, "enabled", by, {}, disabled=0, seen_at=self.now())

    def log_out_everywhere(self, name: str, *, by: str) -> None:
        """End every session of an account; its browsers are strangers to it from then on."""
        self._change(name, "sessions_ended", by, {}, also=self._over(name), own=True)

    def make_token(self, name: str, scopes: Sequence[Scope], days: int, *, by: str) -> str:
        """Make a key for a program that acts for an account, and return it: it is shown once.

        Raises:
            UsageError: no such account, no scope, or it would be good for too long.
        """
        self.named(name)
        if not scopes:
            raise UsageError("a key needs at least one scope")
        if not 0 < days * DAY <= self.rules.token:
            raise UsageError(f"a key is good for 1 to {self.rules.token // DAY} days")
        token_id, secret, now = token_hex(6), token_urlsafe(32), self.now()
        held = tuple(sorted(scope.value for scope in set(scopes)))
        row = TokenRow(token_id, name, sha256(secret.encode()).digest(), held, now, now + days * DAY, None)
        detail: dict[str, JSON] = {"account": name, "token_id": token_id, "scopes": list(held), "days": days}
        entry = self.pen.entry("token.created", "created", by, detail)
        self.pen.write(lambda: ([entry], Changes(also=[add_token(row)])))
        return f"{TOKEN_PREFIX}{token_id}_{secret}"

    def revoke_token(self, token_id: str, *, by: str) -> None:
        """End a key for good.

        Raises:
            UsageError: there is no such key, or it has ended already.
        """

        def prepare() -> tuple[list[Entry], Changes]:
            token = self.accounts.token(token_id)
            if token is None or token.revoked_at is not None:
                raise UsageError("there is no such key, or it has been revoked already")
            detail: dict[str, JSON] = {"account": token.account, "token_id": token_id}
            entry = self.pen.entry("token.revoked", "revoked", by, detail)
            return [entry], Changes(also=[revoke_token(token_id, self.now())])

        self.pen.write(prepare)

    def _change(
        self,
        name: str,
        outcome: str,
        by: str,
        detail: dict[str, JSON],
        *,
        also: Sequence[Write] = (),
        kind: str = "account.changed",
        own: bool = False,
        **values: object,
    ) -> None:
        """Change an account. Nobody changes what he himself may do (``own`` allows the rest)."""
        if not own and by == f"officer:{name}":
            raise UsageError("nobody changes his own account: ask another administrator")

        def prepare() -> tuple[list[Entry], Changes]:
            row = self.named(name)
            if row.provided and outcome in _PROVIDED:
                raise UsageError("this account's roles, password and codes are kept by the log-in provider")
            entry = self.pen.entry(kind, outcome, by, {"account": name, **detail})
            return [entry], Changes(also=[change_account(row, **values), *also])

        self.pen.write(prepare)

    def check(self, grants: Iterable[Grant]) -> None:
        """See that roles and feeds are known.

        Raises:
            UsageError: one is not.
        """
        for grant in grants:
            if grant.role not in set(Role):
                raise UsageError(f"a role is one of {', '.join(Role)}")
            if grant.source and grant.source not in self._sources:
                raise UsageError("a role is given for a facility's source, as the settings have it, or for all")


def grants_given(values: list[str]) -> list[Grant]:
    """Read roles as a form or the command line writes them: ``role@source``, or ``role@*`` for every facility."""
    found = []
    for value in values:
        role, at, source = value.partition("@")
        if not at:
            raise UsageError("a role is given as role@source, or role@* for every facility")
        found.append(Grant(role, "" if source == _EVERYWHERE else source))
    return found


def is_name(name: str) -> bool:
    """Tell whether an account may have this name."""
    return _NAME.fullmatch(name) is not None


def check_password(password: str, name: str) -> None:
    """See that a password is not too simple.

    Raises:
        UsageError: it is too short or too long, holds the account's name, or is a common word with something around it.
    """
    if not SHORTEST <= len(password) <= _LONGEST:
        raise UsageError(f"a password has {SHORTEST} to {_LONGEST} characters")
    if name in password.lower():
        raise UsageError("a password does not hold the account's name")
    core = re.sub(r"[^a-z]", "", password.lower())
    if len(set(password)) < SHORTEST // 3 or core in _COMMON or not core:
        raise UsageError("this password is one of those that are tried first")


def random_password() -> str:
    """Return a password for somebody to be given."""
    return "-".join(token_bytes(3).hex() for _ in range(4)) + "-pw"


def enrolment(name: str, secret: str) -> str:
    """Return the address that an app for one-time codes reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def told(grants: Iterable[Grant]) -> list[JSON]:
    """Return roles as entries of the log tell them."""
    return [f"{grant.role} at {grant.source or 'every facility'}" for grant in sorted(set(grants))]
