import socket

import pytest


@pytest.fixture
def free_port():
    """A port of this machine that nobody uses: the settings have to name it before the connector takes it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]
