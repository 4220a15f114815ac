"""Puts the commands together, and turns errors into one clear line and an exit status."""

import sys
from collections import UserDict
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

from integration.cli.console import Exit, err
from integration.errors import HoldwatchError, UsageError
from integration.logs import configure_logs

_COMMANDS: Final = {
    "replay": "replay:replay",
    "simulate": "simulate:simulate",
    "run": "run:run",
    "worker": "worker:worker",
    "sequencer": "worker:sequencer",
    "demo": "demo:demo",
    "findings": "findings:findings",
    "notice": "notice:notice",
    "version": "version:version",
    "init": "init:init",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "watch": "watch:watch",
    "console": "console_run:console",
    "alerts": "alerts:app",
    "policy": "policy:app",
    "audit": "audit:app",
    "connect": "connect:app",
    "deadletters": "deadletters:app",
    "duties": "duties:app",
    "doctor": "doctor:app",
    "gate": "gate:app",
    "intake": "intake:app",
    "report": "report:app",
    "topics": "topics:app",
    "users": "users:app",
}
"""Where each command stands in this package: its module, and the function or group in it."""


class _Commands(UserDict[str, Any]):
    """Commands that are imported when they are asked for: the engine starts without the libraries of the console."""

    def __getitem__(self, name: str) -> Any:
        module, _, attribute = self.data[name].partition(":")
        found = getattr(import_module(f"integration.cli.{module}"), attribute)
        alone = typer.Typer(rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            alone.add_typer(found, name=name)
        else:
            alone.command(name)(found)
        return get_group(alone).commands[name]


class _Group(TyperGroup):
    """The command line's first level."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Commands(_COMMANDS)


app = typer.Typer(
    name="holdwatch",
    help="Watches jail records for immigration detainer holds that outlast a person's release time.",
    cls=_Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _first() -> None:
    # Without it typer would not take the application for a group.
    pass


def main() -> None:
    """Run the command line.

    Exit status: 0 done; 1 done, and something was rejected or found wrong; 2 usage; 3 cannot decide (a pack does not
    load, the store or a file fails).
    """
    configure_logs("warning")  # on standard error, so that standard output stays the command's; settings may say more
    try:
        app()
    except UsageError as error:
        _tell(error, Exit.USAGE)
    except (HoldwatchError, OSError) as error:
        _tell(error, Exit.CANNOT)
    except _told_as_well() as error:
        _tell(error, Exit.CANNOT)


def _told_as_well() -> tuple[type[Exception], ...]:
    """Return what packs and the log raise. Looked up only when something was raised: the modules are slow to import."""
    from integration.audit.anchor import AnchorError  # noqa: PLC0415  slow to import
    from integration.audit.merkle import TileError  # noqa: PLC0415  slow to import
    from integration.audit.note import NoteError  # noqa: PLC0415  slow to import
    from integration.policy.pack import PolicyPackError  # noqa: PLC0415  slow to import

    return AnchorError, TileError, NoteError, PolicyPackError


def _text(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _tell(error: Exception, status: Exit) -> None:
    err.print(f"holdwatch: {_text(error)}", style="bold red", markup=False, highlight=False)
    sys.exit(int(status))
