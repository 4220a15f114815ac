"""The command line loads what a command needs, and no more."""

import subprocess
import sys

import pytest
from typer.main import get_command

from integration.cli.app import app

COMMANDS = get_command(app).commands


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_is_found_and_explained_when_it_is_named(name):
    assert COMMANDS[name].name == name
    assert COMMANDS[name].get_short_help_str()


@pytest.mark.parametrize(
    ("command", "idle", "because"),
    [
        ("run", {"fastapi", "authlib", "faust", "weasyprint"}, "the engine serves no pages and takes from no broker"),
        ("watch", {"fastapi", "faust", "weasyprint"}, "the watchdog has to start where little works"),
        ("findings", {"fastapi", "faust", "weasyprint"}, "somebody waits for a short answer"),
    ],
)
def test_libraries_stay_out_when_the_command_does_not_need_them(command, idle, because):
    get = f"from typer.main import get_command; get_command(app).commands[{command!r}]"
    code = f"import sys; from integration.cli.app import app; {get}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert f"integration.cli.{command}" in loaded
    assert idle & loaded == set(), because
