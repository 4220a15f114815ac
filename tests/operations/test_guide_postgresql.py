"""The second guide of docs/operations.md: a real PostgreSQL as the jail's database, step by step as it stands there."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.cli.conftest import end
from tests.conftest import environment
from tests.operations.test_guide import here, steps, until
from tests.operations.test_guide import machine as machine  # noqa: PLC0414  a fixture of this page, too
from tests.store.postgres import Server, program


@pytest.fixture
def jail():
    server = Server()
    try:
        url = make_url(server.new_database())
        yield url
    finally:
        server.remove()


@pytest.mark.skipif(program("initdb") is None, reason="PostgreSQL is not installed")
def test_a_person_held_too_long_is_found_when_the_jail_is_a_postgresql_database(machine, jail):
    libpq = jail.set(drivername="postgresql").render_as_string(hide_password=False)
    folder = Path(program("psql") or "").parent
    variables = environment() | {"JAIL_URL": jail.render_as_string(hide_password=False), "JAIL": libpq}
    variables["PATH"] = f"{folder}:{os.environ['PATH']}"
    settings, running, took = machine / "etc/holdwatch/holdwatch.toml", [], {}

    def run(command, allowed=(0,)):
        done = subprocess.run(
            ["bash", "-euc", command], env=variables, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode in allowed, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def start(*words):
        command = [machine / "holdwatch", *words, "--settings", settings]
        running.append(subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL))

    try:
        run(here(steps()[0], machine))
        start("run")
        until((machine / "var/lib/holdwatch-drop/processed").exists)
        for step in steps("guide-postgresql"):
            began, command = time.monotonic(), here(step, machine)
            if command == "systemctl enable --now holdwatch-connect":
                start("connect", "run")
                until(lambda: "P-1" in run(f"{machine}/holdwatch findings --settings {settings}"))
            elif "postgres-source.toml" in command:
                # The table names files of the real machine.
                text = (run(command.partition(" >> ")[0] + "'")).replace("/etc/holdwatch", f"{machine}/etc/holdwatch")
                with settings.open("a") as file:
                    file.write(text)
            else:
                told = run(command, allowed=(0, 1) if " doctor " in command else (0,))
                if " doctor " in command:
                    assert "all that are needed" in told
            took[step[:60]] = round(time.monotonic() - began, 1)
        assert "L5" in told
        assert "P-2" not in told
    finally:
        ended = [end(process) for process in running[::-1]]
    assert ended == [0, 0]
    print(took)
    assert len(took) == 7
