"""Apprise: an optional part that sends for us; when to try again stays ours, and its URLs stay secret."""

import importlib
import logging
import subprocess
import sys
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from connectors.notice import Act, PassingSendError, Why
from integration.errors import UsageError
from tests.channels.kinds import CANARY, KEY, NOTICE, opened, secret, sent
from tests.channels.party import Party, party

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""One of its 170 services asks for it; Apprise loads them all."""


def table(folder, *urls: str):
    return {"channel": "apprise", "urls_file": secret(folder, "\n".join(urls))}


def address(side: Party) -> str:
    return f"json://127.0.0.1:{urlsplit(side.url).port}/{KEY}"


@pytest.mark.parametrize(("act", "kind"), [(Act.OPEN, "failure"), (Act.CLOSED, "success")])
async def test_it_arrives_when_a_service_takes_it(tmp_path, act, kind):
    with party() as side:
        await sent(opened(table(tmp_path, "# the room", "", address(side))), replace(NOTICE, act=act))
    (got,) = side.got
    assert (got.path, got.json["title"], got.json["message"], got.json["type"]) == (
        f"/{KEY}",
        NOTICE.title,
        NOTICE.text.rstrip(),
        kind,
    )


async def test_only_what_failed_is_tried_again_when_another_service_took_it(tmp_path):
    with party() as one, party() as two:
        two.status = [500, 503]
        await sent(opened(table(tmp_path, address(one), address(two))))
    assert (len(one.got), len(two.got)) == (1, 3)


async def test_it_counts_as_taken_when_one_service_takes_it(tmp_path, capfd):
    with party() as one, party() as two:
        two.ok = 400
        await sent(opened(table(tmp_path, address(one), address(two))))
    said = "".join(capfd.readouterr())
    assert ("services_missed" in said, CANARY in said) == (True, False)


async def test_it_is_not_taken_when_no_service_takes_it(tmp_path, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    with party() as side:
        side.ok, side.answer = 500, lambda _: CANARY.encode()
        with pytest.raises(PassingSendError) as caught:
            await sent(opened(table(tmp_path, address(side))))
    assert (caught.value.why, len(side.got)) == (Why.FAILED, 3)
    assert CANARY not in "".join(capfd.readouterr()) + repr(caught.value)
    assert [record for record in caplog.records if record.name.startswith("apprise")] == []


async def test_it_is_not_taken_when_nobody_listens(tmp_path, capfd):
    with party() as gone:
        where = address(gone)
    with pytest.raises(PassingSendError):
        await sent(opened(table(tmp_path, where)))
    assert CANARY not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["# none"], "holds no URL"),
        (["json://127.0.0.1/", f"nosuch://{CANARY}"], "line 2 is no Apprise URL"),
        ([f"{CANARY}"], "line 1 is no Apprise URL"),
    ],
)
def test_it_does_not_start_when_a_url_is_none(tmp_path, lines, says, capfd):
    with pytest.raises(UsageError, match=says) as caught:
        opened(table(tmp_path, *lines))
    assert CANARY not in str(caught.value) + "".join(capfd.readouterr())


def test_it_says_what_to_install_when_apprise_is_missing(tmp_path, monkeypatch):
    def missing(name, *args):
        if name == "apprise":
            raise ImportError(name)
        return importlib.__import__(name, *args)

    monkeypatch.setattr("connectors.apprise.client.importlib.import_module", missing)
    with pytest.raises(UsageError, match="pip install"):
        opened(table(tmp_path, "json://127.0.0.1/"))


def test_apprise_is_not_loaded_when_no_receiver_needs_it():
    code = "import sys, connectors.channels; print('apprise' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60).stdout == b"False\n"
    )
