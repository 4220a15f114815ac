"""The tests' own event loop: what is being closed comes to its end, what was forgotten is found."""

import asyncio
import gc
import socket
import ssl
import threading
from contextlib import suppress

import pytest
import trustme

from tests.loops import Loop


def test_loop_is_closed_after_its_connections_when_the_other_side_is_slow_to_say_goodbye():
    authority, trust = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(trust)
    trusts = ssl.create_default_context()
    authority.configure_trust(trusts)
    goodbye, held = threading.Event(), []

    def serve() -> None:
        taken, _ = listening.accept()
        with trust.wrap_socket(taken, server_side=True), suppress(OSError):
            goodbye.wait(60)

    async def visit() -> None:
        _, writer = await asyncio.open_connection("localhost", listening.getsockname()[1], ssl=trusts)
        held.append(writer.get_extra_info("socket")._sock)
        writer.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=serve)
        server.start()
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(visit())
            assert held[0].fileno() != -1
            threading.Timer(0.2, goodbye.set).start()
        assert held[0].fileno() == -1
        server.join(60)


def test_connection_is_found_when_nobody_closes_it():
    async def visit() -> None:
        address = listening.getsockname()
        await asyncio.get_running_loop().create_connection(asyncio.Protocol, *address)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(visit())
        with pytest.warns(ResourceWarning, match="unclosed"):
            gc.collect()
