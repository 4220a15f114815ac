"""The demo's console: there while the story is told, with a person of each role and a random password."""

import re
import subprocess
import time

import httpx

from tests.conftest import COMMAND, environment
from tests.console.site import TOKEN

BANNER = "DEMO: everybody and everything here is invented"


def test_everybody_gets_in_with_the_printed_password_when_the_demo_runs(tmp_path):
    command = [*COMMAND, "demo", "--seconds", "45", "--console", "--out", str(tmp_path / "kept")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as running:
        assert running.stdout is not None
        line = next(each for each in running.stdout if each.startswith(b"Console: ")).decode()
        url, people, password = re.fullmatch(r"Console: (\S+)  log in as (.+); password (\S+)\n", line).groups()
        assert url.startswith("http://127.0.0.1:")
        try:
            wait_for(url)
            for name in people.split(", "):
                with httpx.Client(base_url=url, follow_redirects=True, timeout=20) as client:
                    page = client.get("/login")
                    assert BANNER in page.text
                    form = {"csrf": TOKEN.search(page.text)[1], "name": name, "password": password, "agreed": "yes"}
                    page = client.post("/login", data=form)
                    assert page.status_code == 200
                    assert "Log out" in page.text
                    assert BANNER in page.text
        finally:
            running.terminate()
            _, told = running.communicate(timeout=60)
        assert b"Traceback" not in told
        assert running.returncode == 0


def wait_for(url: str) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the console never answered")
