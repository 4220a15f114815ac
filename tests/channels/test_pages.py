"""Every setting of every channel is explained where people look it up."""

import re
import tomllib
from typing import get_args

import pytest

from connectors.channels import _OPENERS, Receiver
from connectors.sms.config import SmsSettings
from tests.alertwords.alerts import SAID, WRITE
from tests.conftest import ROOT

KINDS = {kind.model_fields["channel"].annotation.__args__[0]: kind for kind in get_args(get_args(Receiver)[0])}


def words(text: str) -> set[str]:
    return set(re.findall(r"`([a-z_0-9]+)`", text))


@pytest.mark.parametrize("channel", KINDS)
def test_every_setting_is_explained_when_a_channel_has_it(channel):
    settings = set(KINDS[channel].model_fields) - {"channel"}
    readme = (ROOT / "connectors" / channel / "README.md").read_text(encoding="utf-8")
    assert settings - words(readme) == set()
    page = (ROOT / "docs" / "alerting.md").read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith(f"| `{channel}` |")]
    assert settings - words(line) == {"name"}


def test_every_channel_can_be_opened_when_it_can_be_set():
    assert set(_OPENERS) == set(KINDS)


def test_the_example_of_a_provider_is_one_when_the_page_gives_it():
    readme = (ROOT / "connectors" / "sms" / "README.md").read_text(encoding="utf-8")
    table = tomllib.loads(readme.partition("```toml\n")[2].partition("```")[0])
    assert table.pop("channel") == "sms"
    assert SmsSettings(**table).recipients


def test_the_page_lists_what_programs_get_when_it_says_so():
    page = (ROOT / "docs" / "alerting.md").read_text(encoding="utf-8").partition("**For programs**")[2]
    data = WRITE(SAID).data
    told = words(page.partition("\n\n")[0])
    assert {*data, *data["next"], *data["findings"][0]} - told == set()
