"""``holdwatch doctor``: looks at everything that an installation stands on, and says what to do. Changes nothing.

To add a check: a module ``doctor_NAME.py`` with ``check(settings) -> Iterator[Result]``, and a line in `CHECKS`.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import typer

from integration.cli import (
    doctor_audit,
    doctor_clock,
    doctor_disk,
    doctor_egress,
    doctor_keys,
    doctor_settings,
    doctor_sources,
)
from integration.cli.console import Exit, out, print_json, print_table
from integration.cli.opening import DEFAULT_SETTINGS, AsJson, SettingsFile
from integration.errors import HoldwatchError
from integration.logs import configure_logs
from integration.services.doctor import Level, Result, fault, found
from integration.settings import Settings, load_settings

app = typer.Typer(help="Look at what the installation stands on, and say what to do.", no_args_is_help=True)

Check = Callable[[Settings], Iterable[Result]]
CHECKS: Final[dict[str, tuple[Check, str]]] = {
    "settings": (doctor_settings.check, "Settings that load and are still not what a site wants; its packs."),
    "clock": (doctor_clock.check, "Steps, drift against disk and database, whether a time service keeps the clock."),
    "disk": (doctor_disk.check, "Room, days left as the log grows, whether a write is durable."),
    "keys": (doctor_keys.check, "Modes and owners of the state folder, keys and secrets."),
    "sources": (doctor_sources.check, "When each feed last brought something; drop folders; dead letters."),
    "audit": (doctor_audit.check, "Database reachable and migrated; the log's head and its anchor."),
    "egress": (doctor_egress.check, "Side doors past the gate: mail, web and name servers outside. Nothing is sent."),
}
"""Every group: what looks, and its one line of help."""
_COLUMNS: Final = ("check", "", "found", "what to do")


def _run(names: tuple[str, ...], settings: SettingsFile = DEFAULT_SETTINGS, as_json: AsJson = False) -> None:
    loaded = load_settings(settings)
    configure_logs(loaded.logging.level)
    results = [result for name in names for result in examined(name, loaded)]
    if as_json:
        print_json({"ok": not found(results), "checks": [_json(result) for result in results]})
    else:
        print_table(
            f"{loaded.site.name}: {len(results)} checks",
            _COLUMNS,
            [(each.check, each.level.value, each.text, each.todo) for each in results],
        )
        counts = {level: sum(each.level is level for each in results) for level in Level}
        out.print(", ".join(f"{count} {level.value}" for level, count in counts.items()), highlight=False)
    raise typer.Exit(int(Exit.FOUND if found(results) else Exit.DONE))


def examined(name: str, settings: Settings) -> Iterator[Result]:
    """Yield what one group finds; that it cannot look is a finding, and the other groups go on."""
    check, _ = CHECKS[name]
    try:
        yield from check(settings)
    except (HoldwatchError, OSError) as error:
        yield fault(name, f"cannot be looked at: {error}", "Mend that and run the doctor again.")


def _json(result: Result) -> dict[str, Any]:
    return {"check": result.check, "level": result.level.value, "text": result.text, "todo": result.todo}


def _add(name: str, names: tuple[str, ...], text: str) -> None:
    def command(settings: SettingsFile = Path(DEFAULT_SETTINGS), as_json: AsJson = False) -> None:
        run = partial(_run, names)
        run(settings, as_json)

    command.__doc__ = f"{text}\n\nExit status: 0 nothing to do; 1 a warning or a fault; 2 the settings have faults."
    app.command(name)(command)


_add("all", tuple(CHECKS), "Look at everything.")
for _name, (_, _help) in CHECKS.items():
    _add(_name, (_name,), _help)
