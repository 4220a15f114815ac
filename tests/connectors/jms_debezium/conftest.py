from tests.kafka.conftest import broker as broker  # noqa: PLC0414  a fixture of this folder, too
