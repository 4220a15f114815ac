"""deploy/Dockerfile, held to what it promises. Docker is not needed: the file is read, not run."""

import fnmatch
import re
import shlex
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy"


def steps() -> list[list[tuple[str, str]]]:
    """The instructions of each stage, with lines put together and comments left out."""
    text = re.sub(r"^#.*\n", "", (FOLDER / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    stages: list[list[tuple[str, str]]] = []
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, re.sub(r"\s+", " ", rest)))
    return stages


STAGES = steps()
BUILD, FINAL = STAGES


def of(stage: list[tuple[str, str]], word: str) -> list[str]:
    return [rest for name, rest in stage if name == word]


def test_both_stages_begin_with_one_base_that_is_pinned_by_digest():
    bases = {of(stage, "FROM")[0].removesuffix(" AS build") for stage in STAGES}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", bases.pop())


def test_everything_that_is_fetched_is_held_to_its_hash():
    run = " && ".join(of(BUILD, "RUN") + of(FINAL, "RUN"))
    fetching = [part for part in run.split("&&") if re.search(r"\bpip (download|install|wheel)\b", part)]
    assert len(fetching) == 4
    for part in fetching:
        assert "--no-index" in part or ("--require-hashes" in part and "requirements.lock" in part), part
    assert not re.search(r"\b(curl|wget|apt-get|git)\b", run)


def test_the_extras_are_ours():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [extras] = re.findall(r"holdwatch\[([\w,]+)\]", " ".join(of(BUILD, "RUN")))
    assert set(extras.split(",")) <= set(project["optional-dependencies"])


def test_the_build_backend_is_in_the_lock():
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    locked = (ROOT / "requirements.lock").read_text()
    assert [each for each in needed if f"{each} " not in locked] == []


def test_everything_that_the_image_installs_is_in_the_lock():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]
    names = {re.match(r"[A-Za-z0-9._-]+", each)[0].lower() for each in asked}
    locked = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert names - {name.lower() for name in locked} == set()


def test_what_is_copied_is_there_and_let_in():
    ignore = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignore if line.startswith("!")}
    assert "*" in ignore
    copied = {}
    for stage in STAGES:
        for step in of(stage, "COPY"):
            if not step.startswith("--from"):
                *sources, target = step.split()
                copied |= dict.fromkeys(sources, target)
    for source in copied:
        assert (ROOT / source).exists()
    assert let_in == set(copied)  # nothing more than is copied gets as far as the builder
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(packages["packages"]) <= set(copied)


@pytest.mark.parametrize("path", ["integration/x.key", "var/holdwatch.sqlite", "connectors/__pycache__"])
def test_nothing_of_an_installation_is_let_in(path):
    let_in = False
    for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if pattern and not pattern.startswith("#"):
            matches = fnmatch.fnmatch(path, pattern.replace("**/", "*")) or path.startswith(f"{pattern}/")
            let_in = line.startswith("!") if matches else let_in
    assert not let_in


def test_what_runs_is_not_root_and_cannot_change_itself():
    [user] = of(FINAL, "USER")
    assert int(user.split(":")[0]) > 0
    order = [word for word, _ in FINAL]
    assert order.index("USER") > max(index for index, word in enumerate(order) if word in {"RUN", "COPY"})
    assert f"--uid {user.split(':')[0]}" in " ".join(of(FINAL, "RUN"))
    assert not [step for step in of(FINAL, "COPY") if "--chown" in step]


def test_the_parts_of_the_final_stage_fit_together():
    environment = " ".join(of(FINAL, "ENV"))
    assert "COPY --from=build /opt/holdwatch /opt/holdwatch" in [" ".join(step) for step in FINAL]
    assert "PATH=/opt/holdwatch/bin:" in environment
    assert "-m venv /opt/holdwatch" in " ".join(of(BUILD, "RUN"))
    assert of(FINAL, "ENTRYPOINT") == ['["holdwatch"]']
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert "holdwatch" in scripts
    [health] = of(FINAL, "HEALTHCHECK")
    [copied] = [step.split()[1] for step in of(FINAL, "COPY") if "healthy.py" in step]
    assert copied in shlex.split(health.partition("CMD ")[2].strip("[]").replace(",", " "))


class Page(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(b"why\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(("answer", "status"), [(200, 0), (503, 1), (404, 1), (None, 1)])
def test_the_health_check_says_what_the_service_says(answer, status):
    server = HTTPServer(("127.0.0.1", 0), type("Answering", (Page,), {"status": answer}))
    port = server.server_address[1]
    if answer is None:
        server.server_close()
    else:
        threading.Thread(target=server.handle_request, daemon=True).start()
    try:
        command = [sys.executable, FOLDER / "healthy.py", str(port)]
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    finally:
        server.server_close()
    assert done.returncode == status, done.stderr
    assert done.stdout.strip()
