"""``holdwatch backup`` and ``holdwatch restore``."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from integration.audit.entry import JSON
from integration.cli.console import err, out, print_json
from integration.cli.opening import DEFAULT_SETTINGS, Actor, AsJson, SettingsFile, actor_name, audit_desk, opened_log
from integration.clock import WallClock
from integration.domain.instants import Instant
from integration.errors import UsageError
from integration.runners.backup import KeySafe, dated, dated_keys, look_first, prune, prune_keys, series, take
from integration.runners.configuration import PutBack, collect, hash_of
from integration.runners.keysafe import read_passphrase
from integration.runners.restore import Order, Restored, drill
from integration.runners.restore import restore as put_back
from integration.services.backup import Keys, Manifest

KeyFile = Annotated[Path | None, typer.Option("--keys", help="File for the keys, encrypted, apart from the backup.")]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="File with the passphrase for --keys: 16 characters or more, mode 0600.")
]
_NO_KEYS = (
    "The keys are NOT in this backup. Without keys/log.key nobody can go on with this log; without keys/vault.key "
    "nobody reads dead letters and quarantined messages. Keep a copy apart: --keys FILE --passphrase-file FILE."
)


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New folder; with --keep one that holds backups.")],
    keep: Annotated[
        int | None, typer.Option(min=1, help="Write DIR/TIME (UTC), and keep so many of the backups in DIR.")
    ] = None,
    keys: KeyFile = None,
    passphrase_file: PassphraseFile = None,
    verify: Annotated[bool, typer.Option(help="Verify the copy's whole log (SQLite).")] = True,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Copy an installation while it runs: database, checkpoint, settings, own packs and mappings, scans.

    The log records that it began, and then how it ended.

    The keys are left out, or go apart and encrypted; with --keep each backup has a key file of its own, FILE with the
    time in its name. The folder is whole once it has its name.
    Exit status: 0 done; 2 usage; 3 the copy could not be made, or its log does not verify.
    """
    safe = _safe(keys, passphrase_file)
    now = WallClock().now()
    who = actor_name(actor)
    if keep is None:
        made = _made(folder, safe, now=now, actor=who, settings=settings, verify=verify)
    else:
        whole, folder = folder, folder / dated(now)
        own = None if safe is None else replace(safe, file=dated_keys(safe.file, folder.name))
        with series(whole):
            made = _made(folder, own, now=now, actor=who, settings=settings, verify=verify)
            prune(whole, keep)
            if safe is not None:
                prune_keys(safe.file, keep)
    if as_json:
        print_json({"folder": str(folder), "entries": made.size, "verified": made.verified, "keys": made.keys.value})
        return
    checked = "verified" if made.verified else "not verified (a dump is verified when it is restored)"
    out.print(f"{folder}: {made.size} entries, {checked}", markup=False, highlight=False)
    if safe is None:
        err.print(_NO_KEYS, markup=False, highlight=False)


def _made(folder: Path, safe: KeySafe | None, *, now: Instant, actor: str, settings: Path, verify: bool) -> Manifest:
    """Take a backup, and record that it began and how it ended."""
    look_first(folder, safe)
    with opened_log(settings) as log:
        configuration = collect(log.settings)
        detail: dict[str, JSON] = {"keys": Keys.LEFT_OUT.value if safe is None else Keys.APART.value}
        if configuration:
            detail["configuration"] = hash_of(configuration)
        desk = audit_desk(log)
        desk.record("backup.made", "begun", actor, dict(detail))
        note = log.checkpointer.publish()
        try:
            made = take(
                log,
                folder,
                note,
                now=now,
                safe=safe,
                settings_file=settings,
                configuration=configuration,
                verify=verify,
            )
        except Exception:
            desk.record("backup.made", "failed", actor, dict(detail))
            raise
        desk.record("backup.made", "made", actor, {**detail, "size": made.size})
    return made


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `holdwatch backup` wrote.")],
    to: Annotated[
        Path | None, typer.Option("--to", help="State folder: a new one, or the old one without its database.")
    ] = None,
    trial: Annotated[
        bool, typer.Option("--drill", help="Only verify it, in a folder that is thrown away. --to: compare its anchor.")
    ] = False,
    keys: KeyFile = None,
    passphrase_file: PassphraseFile = None,
    known: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that was kept elsewhere. May be given several times.")
    ] = None,
    accept_loss_after: Annotated[
        Path | None, typer.Option(help="The backup's checkpoint: go on from it though later ones were signed.")
    ] = None,
    database: Annotated[str, typer.Option(help="URL of an empty PostgreSQL database, for a backup of one.")] = "",
    actor: Actor = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup back. Its log is verified first; the restore is itself an entry. With --drill: only try it.

    Refused when a later checkpoint than the backup's log is known: the anchor in the state folder, or one given with
    --known. Killed at any moment, the same command goes on. Sessions and keys for programs end; messages that may go
    out at most once and were waiting are held for a person.
    Exit status: 0 done; 2 usage, or the backup is too old or damaged; 3 its log does not verify.
    """
    if to is None and not trial:
        raise UsageError("give the state folder with --to, or --drill")
    state = (to or folder).absolute()
    blind = not known and not (state / "anchor").exists()
    order = Order(
        backup=folder,
        state=state,
        actor=actor_name(actor),
        now=WallClock().now,
        safe=_safe(keys, passphrase_file),
        known=tuple((str(path), path.read_bytes()) for path in known or []),
        accept=None if accept_loss_after is None else accept_loss_after.read_bytes(),
        database=database,
    )
    done = drill(order) if trial else put_back(order)
    _tell(done, order, trial=trial, blind=blind, as_json=as_json)


def _tell(done: Restored, order: Order, *, trial: bool, blind: bool, as_json: bool) -> None:
    lost = None if done.loss is None else {"after": done.loss.kept.size, "signed": done.loss.signed.size}
    files = {str(path): what.value for path, what in done.configuration}
    if as_json:
        about = {"configuration": files, "configuration_tried": done.tried}
        print_json(
            {"state_dir": str(order.state), "entries": done.size, "lost": lost, "messages_held": done.held, **about}
        )
        return
    place = f"{order.backup}, a drill" if trial else order.state
    out.print(f"{place}: {done.size} entries, verified", markup=False, highlight=False)
    if done.loss is not None:
        text = f"lost: what came after the backup; a checkpoint over {done.loss.signed.size} entries had been signed"
        err.print(text, markup=False, highlight=False)
    if done.held:
        err.print(f"{done.held} messages may have left since the backup; they wait for a person", highlight=False)
    for path, what in done.configuration:
        if what is PutBack.OTHER:
            err.print(f"{path}: another file is there; the backup's was left alone", markup=False, highlight=False)
    if blind:
        text = "No anchor and no --known checkpoint was there: nobody can tell whether a later one was signed."
        err.print(text, markup=False, highlight=False)
    if not trial:
        err.print("Have every source send again what came after the backup; duplicates do no harm.", highlight=False)


def _safe(keys: Path | None, passphrase_file: Path | None) -> KeySafe | None:
    if keys is None and passphrase_file is None:
        return None
    if keys is None or passphrase_file is None:
        raise UsageError("--keys and --passphrase-file go together")
    return KeySafe(keys, read_passphrase(passphrase_file))
