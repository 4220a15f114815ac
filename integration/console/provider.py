"""Letting people in who log in at a provider: what is asked there, who comes back, and what he may do here."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Final

from connectors.oidc.provider import Ask, Fault, Identity, Provider
from integration.audit.entry import JSON, Entry
from integration.console.login import Refusal, hash_of
from integration.console.people import People, grants_given, is_name, told
from integration.domain.instants import MINUTE, Instant
from integration.services.ports import Changes, Write
from integration.settings import Console
from integration.store.accounts import (
    AccountRow,
    Grant,
    SessionRow,
    add_account,
    add_identity,
    change_account,
    open_session,
    prove_session,
    set_grants,
)

BACK: Final = "/login/back"
"""Where people come back to."""
_PATIENCE: Final = 10 * MINUTE
"""How long somebody may take at the provider."""
_MOST: Final = 10_000
"""Who are at the provider at the same time. Of more the earliest begin anew."""
_BY: Final = "service:console"


@dataclass(frozen=True, slots=True)
class Sent:
    """Somebody who was sent to the provider."""

    ask: Ask
    browser: bytes
    """Hash of what his browser holds."""
    to: str
    """The page he wants."""
    session: SessionRow | None
    """He has one, and only shows again who he is."""


class ProviderDoor:
    """Beside `Door`, for people without a password here."""

    def __init__(self, people: People, settings: Console) -> None:
        """Ask nobody yet.

        Args:
            people: accounts, rules and the clock.
            settings: with a provider.

        Raises:
            UsageError: the client's secret cannot be read, or a role or feed of the mapping is unknown.
        """
        assert settings.oidc is not None
        self.settings = settings.oidc
        self._people, self._accounts, self._pen, self._now = people, people.accounts, people.pen, people.now
        self.provider = Provider(
            self.settings, home=settings.url, back=settings.url + BACK, longest=people.rules.longest
        )
        self._grants: Mapping[str, list[Grant]] = {
            each.value: grants_given(each.grants) for each in self.settings.roles
        }
        for grants in self._grants.values():
            people.check(grants)
        self._away: dict[str, Sent] = {}
        self._turn = threading.Lock()

    # -- there and back ---------------------------------------------------------------------------------------------

    def send(self, browser: str, to: str, session: SessionRow | None = None) -> Ask:
        """Take note that somebody goes there.

        Args:
            browser: a secret that his browser holds until he is back.
            to: the page he wants.
            session: his, where he only shows again who he is.
        """
        ask = Ask(self._now(), again=session is not None)
        with self._turn:
            while len(self._away) >= _MOST:
                del self._away[next(iter(self._away))]
            self._away[ask.state] = Sent(ask, hash_of(browser), to, session)
        return ask

    def back(self, state: str, browser: str) -> Sent | None:
        """Return who comes back: once, with the browser that went, and not too late; None: nobody who was sent."""
        with self._turn:
            sent = self._away.get(state)
            # Another browser's coming back does not spoil it for the right one.
            if sent is None or sent.browser != hash_of(browser):
                return None
            del self._away[state]
        return sent if 0 <= self._now() - sent.ask.at < _PATIENCE else None

    # -- what comes of it -------------------------------------------------------------------------------------------

    def refuse(self, reason: Refusal | Fault, actor: str = "unknown") -> None:
        """Write that somebody was not let in."""
        self._pen.record("login.refused", "refused", actor, {"reason": reason.value, "way": "provider"})

    def enter(self, identity: Identity) -> str | Refusal:
        """Let somebody in: with the account that is his from now on, and the roles that the provider gives him.

        Returns:
            What the browser has to keep; or why he is not let in.
        """
        secret = token_urlsafe(32)
        refusal: Refusal | None = None

        def prepare() -> tuple[list[Entry], Changes]:
            nonlocal refusal
            now = self._now()
            row, name = self._account(identity)
            grants = self._granted(identity)
            refusal = grants if isinstance(grants, Refusal) else self._refusal(row, name, identity, now)
            if refusal is not None or isinstance(grants, Refusal):
                detail: dict[str, JSON] = {"reason": str(refusal), "way": "provider"}
                his = self._accounts.account_of(identity.issuer, identity.subject)
                actor = "unknown" if his is None else f"officer:{his}"
                return [self._pen.entry("login.refused", "refused", actor, detail)], Changes()
            # The twelve hours run from when he showed who he is, not from when he came over here.
            session = SessionRow(hash_of(secret), name, identity.proven_at, now, identity.proven_at, None)
            entries, writes = self._kept(row, name, identity, grants, now)
            entries.append(self._pen.entry("session.opened", "opened", f"officer:{name}", {"way": "provider"}))
            return entries, Changes(also=[*writes, open_session(session)])

        self._pen.write(prepare)
        return secret if refusal is None else refusal

    def prove(self, session: SessionRow, identity: Identity) -> Refusal | None:
        """Take note that it is still the same person; None: it is he."""
        refusal: Refusal | None = None

        def prepare() -> tuple[list[Entry], Changes]:
            nonlocal refusal
            row, _ = self._account(identity)
            actor = f"officer:{session.account}"
            known, now = self._accounts.session(session.id_hash), self._now()
            over = known is None or known.revoked_at is not None
            if row is None or row.name != session.account or row.disabled or over:
                refusal = Refusal.SOMEBODY_ELSE
                detail: dict[str, JSON] = {"reason": refusal.value, "way": "provider"}
                return [self._pen.entry("login.refused", "refused", actor, detail)], Changes()
            entry = self._pen.entry("session.proven", "proven", actor, {"way": "provider"})
            return [entry], Changes(also=[change_account(row), prove_session(session.id_hash, now)])

        self._pen.write(prepare)
        return refusal

    def _account(self, identity: Identity) -> tuple[AccountRow | None, str]:
        """Return the account and its name; for somebody new, whoever has his name already."""
        name = self._accounts.account_of(identity.issuer, identity.subject)
        if name is None:
            suffix = self.settings.account_suffix
            given = identity.account.lower()
            name = given.removesuffix(suffix.lower()) if given.endswith(suffix.lower()) else ""
        return self._accounts.account(name), name

    def _granted(self, identity: Identity) -> list[Grant] | Refusal:
        unknown = [value for value in identity.roles if value not in self._grants]
        if unknown and self.settings.other_roles == "refuse":
            return Refusal.UNKNOWN_ROLE
        grants = sorted({grant for value in identity.roles for grant in self._grants.get(value, ())})
        return grants or Refusal.NO_ROLE

    def _refusal(self, row: AccountRow | None, name: str, identity: Identity, now: Instant) -> Refusal | None:
        if row is None:
            return None if is_name(name) else Refusal.UNUSABLE_NAME
        # A name may change hands at the provider; the account stays with the person.
        if self._accounts.account_of(identity.issuer, identity.subject) != row.name:
            return Refusal.NAME_TAKEN
        if row.disabled:
            return Refusal.DISABLED
        return Refusal.UNUSED if now - row.seen_at >= self._people.rules.unused else None

    def _kept(
        self, row: AccountRow | None, name: str, identity: Identity, grants: list[Grant], now: Instant
    ) -> tuple[list[Entry], list[Write]]:
        """Return what keeps the account as the provider says it is."""
        detail: dict[str, JSON] = {"account": name, "roles": told(grants)}
        if row is None:
            row = AccountRow(name, "", None, 0, False, None, now, now, 1)
            entry = self._pen.entry("account.created", "created", _BY, detail)
            added = [add_account(row), add_identity(identity.issuer, identity.subject, name)]
            return [entry], [*added, set_grants(name, grants)]
        changed = change_account(row, seen_at=now)
        if self._accounts.grants(name) == grants:
            return [], [changed]
        return [self._pen.entry("account.changed", "roles_set", _BY, detail)], [changed, set_grants(name, grants)]
