"""Puts the commands together, and turns errors into one clear line and an exit status."""

import sys

import typer

from integration.audit.anchor import AnchorError
from integration.audit.merkle import TileError
from integration.audit.note import NoteError
from integration.cli import (
    alerts,
    audit,
    backup,
    connect,
    console_run,
    deadletters,
    demo,
    doctor,
    duties,
    findings,
    gate,
    init,
    intake,
    notice,
    policy,
    replay,
    report,
    run,
    simulate,
    topics,
    users,
    version,
    watch,
    worker,
)
from integration.cli.console import Exit, err
from integration.errors import HoldwatchError, UsageError
from integration.logs import configure_logs
from integration.policy.pack import PolicyPackError

app = typer.Typer(
    name="holdwatch",
    help="Watches jail records for immigration detainer holds that outlast a person's release time.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("replay")(replay.replay)
app.command("simulate")(simulate.simulate)
app.command("run")(run.run)
app.command("worker")(worker.worker)
app.command("sequencer")(worker.sequencer)
app.command("demo")(demo.demo)
app.command("findings")(findings.findings)
app.command("notice")(notice.notice)
app.command("version")(version.version)
app.command("init")(init.init)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("watch")(watch.watch)
app.command("console")(console_run.console)
app.add_typer(alerts.app, name="alerts")
app.add_typer(policy.app, name="policy")
app.add_typer(audit.app, name="audit")
app.add_typer(connect.app, name="connect")
app.add_typer(deadletters.app, name="deadletters")
app.add_typer(duties.app, name="duties")
app.add_typer(doctor.app, name="doctor")
app.add_typer(gate.app, name="gate")
app.add_typer(intake.app, name="intake")
app.add_typer(report.app, name="report")
app.add_typer(topics.app, name="topics")
app.add_typer(users.app, name="users")


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
    except (HoldwatchError, PolicyPackError, AnchorError, NoteError, TileError, OSError) as error:
        _tell(error, Exit.CANNOT)


def _tell(error: Exception, status: Exit) -> None:
    err.print(f"holdwatch: {error}", style="bold red", markup=False, highlight=False)
    sys.exit(int(status))
