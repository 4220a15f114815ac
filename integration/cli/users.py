"""``holdwatch users``: accounts of the console, from the machine itself."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from integration.audit.entry import text_of
from integration.cli.console import out, print_json, print_table
from integration.cli.opening import (
    DEFAULT_SETTINGS,
    Actor,
    AsJson,
    SettingsFile,
    actor_name,
    opened_log,
)
from integration.clock import WallClock
from integration.console.access import Role, Scope
from integration.console.parts import open_people
from integration.console.people import People, enrolment, grants_given, random_password
from integration.errors import UsageError
from integration.store.accounts import Grant

app = typer.Typer(help="Accounts of the console: list, add, change, lock, keys for programs.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="What the person logs in with.")]
Roles = Annotated[
    list[str],
    typer.Option("--role", help=f"ROLE@SOURCE, or ROLE@* for every facility. Roles: {', '.join(Role)}."),
]


@contextmanager
def _opened(path: Path) -> Iterator[People]:
    with opened_log(path) as log:
        people, store = open_people(log.settings, log.vault, now=WallClock().now)
        try:
            yield people
        finally:
            store.close()


@app.command("list")
def list_users(settings: SettingsFile = DEFAULT_SETTINGS, as_json: AsJson = False) -> None:
    """List accounts."""
    with _opened(settings) as people:
        found = [(row, people.accounts.grants(row.name)) for row in people.accounts.accounts()]
    if as_json:
        print_json(
            [
                {
                    "name": row.name,
                    "state": row.state.value,
                    "roles": [grant._asdict() for grant in grants],
                    "last_log_in": text_of(row.seen_at),
                }
                for row, grants in found
            ]
        )
    elif not found:
        out.print("no accounts: `holdwatch users add NAME --role administrator@*` makes the first")
    else:
        rows = [(row.name, row.state.value, _told(grants), text_of(row.seen_at)) for row, grants in found]
        print_table(f"{len(rows)} accounts", ("name", "state", "roles", "last log-in (UTC)"), rows)


def _told(grants: list[Grant]) -> str:
    return ", ".join(f"{grant.role}@{grant.source or '*'}" for grant in grants)


@app.command()
def add(
    name: Name,
    role: Roles,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the first password from standard input; else one is made.")
    ] = False,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Add an account. Prints its first password and its secret for one-time codes, once."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else random_password()
    with _opened(settings) as people:
        secret = people.add(name, password, grants_given(role), by=actor_name(actor))
    told = {"name": name, "totp_secret": secret, "totp_address": enrolment(name, secret)}
    if not password_stdin:
        told["password"] = password
    if as_json:
        print_json(told)
    else:
        for key, value in told.items():
            out.print(f"{key.replace('_', ' ')}: {value}", markup=False, highlight=False)


@app.command()
def roles(name: Name, role: Roles, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Give an account exactly these roles."""
    with _opened(settings) as people:
        people.set_roles(name, grants_given(role), by=actor_name(actor))


@app.command()
def password(name: Name, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Give an account a new password, printed once, and end its sessions."""
    made = random_password()
    with _opened(settings) as people:
        people.set_password(name, made, by=actor_name(actor))
    out.print(f"password: {made}", markup=False, highlight=False)


@app.command()
def code(name: Name, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Give an account a new secret for one-time codes, printed once, and end its sessions."""
    with _opened(settings) as people:
        secret = people.new_secret(name, by=actor_name(actor))
    out.print(f"totp secret: {secret}\ntotp address: {enrolment(name, secret)}", markup=False, highlight=False)


@app.command()
def unlock(name: Name, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Let somebody try again who was locked out."""
    with _opened(settings) as people:
        people.unlock(name, by=actor_name(actor))


@app.command("logout")
def log_out(name: Name, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """End every session of an account; keys for programs go on."""
    with _opened(settings) as people:
        people.log_out_everywhere(name, by=actor_name(actor))


@app.command()
def disable(name: Name, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Close an account: its sessions end at once, and its keys are good for nothing."""
    with _opened(settings) as people:
        people.disable(name, by=actor_name(actor))


@app.command()
def enable(name: Name, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Open an account again that was closed, or was not used for 90 days."""
    with _opened(settings) as people:
        people.enable(name, by=actor_name(actor))


@app.command()
def token(
    name: Name,
    scope: Annotated[list[Scope] | None, typer.Option(help="What the key is for. May be given several times.")] = None,
    days: Annotated[int, typer.Option(min=1, help="How long it is good.")] = 30,
    revoke: Annotated[str | None, typer.Option(metavar="KEY", help="Revoke this key, by its public part.")] = None,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Make a key for a program that acts for an account, printed once; or revoke one."""
    if (revoke is None) == (not scope):
        raise UsageError("give --scope to make a key, or --revoke KEY")
    with _opened(settings) as people:
        if revoke is not None:
            if revoke not in {each.token_id for each in people.accounts.tokens(name)}:
                raise UsageError("this account has no such key")
            people.revoke_token(revoke, by=actor_name(actor))
            return
        made = people.make_token(name, scope or [], days, by=actor_name(actor))
    out.print(made, markup=False, highlight=False)
