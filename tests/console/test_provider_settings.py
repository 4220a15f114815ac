"""The settings of a log-in provider: what is taken, and what would let too many in."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.oidc.config import OidcSettings
from integration.console.parts import open_parts
from integration.errors import UsageError

EXAMPLE = Path(__file__).parents[2] / "holdwatch.example.toml"


def test_example_is_taken_when_its_lines_are_no_comment_any_more():
    text = EXAMPLE.read_text(encoding="utf-8")
    lines = text[text.index("# [console.oidc]") :].partition("\n\n")[0].splitlines()
    told = [line.removeprefix("# ") for line in lines if re.match(r"# (\[|\w+ = )", line)]
    given = tomllib.loads("\n".join(told))["console"]["oidc"]
    assert given.keys() == OidcSettings.model_fields.keys()
    OidcSettings.model_validate(given)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"amr": []}, "acr or amr is needed"),
        ({"scopes": ["profile"]}, "scopes lack openid"),
        ({"issuer": "http://login.example"}, "https"),
        ({"algorithms": ["none"]}, "RS256"),
        ({"algorithms": ["HS256"]}, "RS256"),
        ({"roles": []}, "at least 1"),
        ({"roles": [{"value": "x", "grants": ["wall@*"]}] * 2}, "same value"),
    ],
)
def test_settings_are_refused_when_they_would_let_too_many_in(wrong, why):
    right = {"issuer": "https://a.example", "client_id": "x", "amr": ["mfa"]}
    right["roles"] = [{"value": "x", "grants": ["wall@*"]}]
    OidcSettings.model_validate(right)
    with pytest.raises(ValidationError, match=why):
        OidcSettings.model_validate(right | wrong)


SUPERVISOR = '["supervisor@*"]'


@pytest.mark.parametrize(
    ("grants", "more", "why"),
    [
        ('["owner@*"]', "", "a role is one of"),
        ('["supervisor@/jms/nowhere"]', "", "a role is given for a facility's source"),
        (SUPERVISOR, 'client_secret_file = "/nowhere"', "No such file"),
        (SUPERVISOR, 'ca_file = "/nowhere"', "holds no certificates"),
    ],
)
def test_console_does_not_open_when_the_provider_cannot_work(filled, tmp_path, grants, more, why):
    (tmp_path / "state").mkdir()
    extra = '[console.oidc]\nissuer = "https://a.example"\nclient_id = "x"\namr = ["mfa"]\n'
    extra += f'{more}\n[[console.oidc.roles]]\nvalue = "x"\ngrants = {grants}\n'
    with pytest.raises(UsageError, match=why):
        open_parts(filled.settings(tmp_path, extra=extra))
