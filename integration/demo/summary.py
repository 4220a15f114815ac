"""What the demo says before and after the board."""

import sys
from pathlib import Path

from rich.console import Console

from integration.audit.verify import Report
from integration.demo.board import BANNER
from integration.demo.keep import TAMPERED, Folder
from integration.demo.writing import ZONE

_TO_DO = (
    ("supervisor", "Board: somebody is kept past release time, the clock runs; Acknowledge takes it on"),
    ("approver", "Quarantine: a mail to immigration agents that the gate kept back; read it, deny it, approve it"),
    ("compliance", "Audit: search, why a decision was taken, Verify now; dead letters"),
    ("auditor", "Audit: once the story is told, Verify the copy finds the byte that somebody changed"),
    ("administrator", "Users: accounts and roles"),
    ("wall", "the board alone, large"),
)
"""What each person of the demo finds in the console."""
_Altered = tuple[str, str, Report]


def opening(console: Console, folder: Folder, note: str = "") -> None:
    """Say what this is, and where everything lies. Args: ``note`` says how to get into the console."""
    _say(console, BANNER, "bold")
    if note:
        _say(console, note)
        for who, what in _TO_DO:
            _say(console, f"  {who:14} {what}")
    _say(console, f"Live board: this terminal; state in {folder.root}; log in {folder.log}")
    console.print()


def closing(console: Console, folder: Folder, report: Report, altered: _Altered | None, *, web: bool = False) -> None:
    """Show that the log verifies and its altered copy does not, and say what to try next.

    Args:
        console: where to.
        folder: of the demo.
        report: about the log.
        altered: about its copy; None: somebody left before there was one.
        web: whether the console was served, with alerts and the gate.
    """
    console.print()
    if report.ok and report.root is not None:
        _say(console, f"VERIFIED {folder.log}: {report.entries} entries, root {report.root.hex()[:16]}…", "green")
    else:
        _say(console, f"NOT INTACT {folder.log}", "bold red")
        _problems(console, report)
    if altered is None:
        _say(console, "Left early: the story was not told to its end.")
    else:
        was, became, found = altered
        _say(console, f"A copy with one byte changed, in entry {TAMPERED}: booking {was} now reads {became}.")
        _say(console, f"NOT INTACT {folder.altered}: the body does not match its commitment", "bold red")
        _problems(console, found)
    console.print()
    _say(console, "Try next:", "bold")
    # As it was called: beside `make demo` it is on nobody's path.
    program = sys.argv[0] if Path(sys.argv[0]).name == "holdwatch" else "holdwatch"
    tries = [f"{program} findings --from {folder.log} --zone {ZONE}", f"{program} audit verify {folder.log}"]
    if altered is not None:
        tries.append(f"{program} audit verify {folder.altered}")
    tries.append(f"{program} deadletters list --settings {folder.settings}")
    if web:
        tries += [f"{program} gate quarantine list --settings {folder.settings}", f"cat {folder.alerts}"]
    for command in tries:
        _say(console, f"  {command}")


def staying(console: Console, note: str) -> None:
    """Say that the console stays."""
    console.print()
    _say(console, note, "bold")
    _say(console, "The jail goes on in the browser; the copy waits there under Audit. Ctrl-C ends it.")


def _problems(console: Console, report: Report) -> None:
    for problem in report.problems:
        _say(console, f"  {problem}")


def _say(console: Console, line: str, style: str = "") -> None:
    console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
