"""Settings: strict, every fault at once, the environment over the file, and an example that tells every key."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from integration.errors import UsageError
from integration.settings import Settings, load_settings

EXAMPLE = Path(__file__).parents[2] / "holdwatch.example.toml"
CANARY = "Zyxquorn"


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("HOLDWATCH_")]:
        monkeypatch.delenv(name)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "holdwatch.toml"
    path.write_text(text)
    return path


def faults(tmp_path: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        load_settings(written(tmp_path, text))
    assert CANARY not in str(caught.value)
    return str(caught.value)


def keys(model: type[BaseModel], at: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = list(_models(field.annotation))
        if inner:
            yield from keys(inner[0], f"{at}{name}.")
        else:
            yield f"{at}{name}"


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)


def test_the_example_loads():
    settings = load_settings(EXAMPLE)
    assert settings.site.name == "example-county-jail"
    assert settings.database_url == "sqlite:///var/holdwatch/holdwatch.sqlite"


def test_every_key_is_told_in_the_example():
    text = EXAMPLE.read_text()
    missing = [key for key in keys(Settings) if f"{key.rsplit('.', 1)[-1]} =" not in text]
    assert not missing


def test_every_key_of_the_example_is_known_when_nothing_is_commented_out():
    tables = tomllib.loads(EXAMPLE.read_text())
    assert set(tables) <= set(Settings.model_fields)


def test_every_fault_is_told_when_there_are_many(tmp_path):
    text = EXAMPLE.read_text().replace('zone = "America/Detroit"', f'zone = "{CANARY}"')
    text = text.replace("batch_size = 1000", "batch_size = 0").replace('level = "info"', f'level = "{CANARY}"')
    text = text.replace("[site]", f'[site]\nunknown = "{CANARY}"').replace('path = "var/drop"', "path = 7")
    said = faults(tmp_path, text)
    for name in ("facilities.0.zone", "intake.batch_size", "logging.level", "site.unknown", "drop_folders.0.path"):
        assert name in said
    assert "5 faults" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[site", "is not TOML"),
        ("", "site"),
        ("x = 1\n", "x"),
        ("[site]\nname = 'a b'\n", "site.name"),
    ],
)
def test_a_fault_is_told_by_its_place(tmp_path, text, said):
    assert said in faults(tmp_path, text)


def test_two_facilities_are_refused_when_they_share_a_source(tmp_path):
    text = EXAMPLE.read_text()
    at = text.index("[[facilities]]")
    again = text[at : text.index("[[drop_folders]]")]
    assert "same source" in faults(tmp_path, text[:at] + again + text[at:])


def test_a_missing_file_is_told_with_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="is missing: `holdwatch init` writes one"):
        load_settings(tmp_path / "none.toml")


def test_the_environment_counts_when_it_says_otherwise(monkeypatch):
    monkeypatch.setenv("HOLDWATCH_SITE__NAME", "other")
    monkeypatch.setenv("HOLDWATCH_INTAKE__BATCH_SIZE", "7")
    settings = load_settings(EXAMPLE)
    assert (settings.site.name, settings.intake.batch_size) == ("other", 7)
    assert settings.site.state_dir == Path("var/holdwatch")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTAKE__BATCH_SIZE", CANARY),
        ("FACILITIES", CANARY),
        ("SITE", CANARY),
        ("FACILITIES", "[1]"),
        ("SITE__NEW", "1"),
    ],
)
def test_a_fault_in_the_environment_is_told_in_one_line_without_its_value(monkeypatch, name, value):
    monkeypatch.setenv(f"HOLDWATCH_{name}", value)
    with pytest.raises(UsageError) as caught:
        load_settings(EXAMPLE)
    assert CANARY not in str(caught.value)
    assert name.split("__", maxsplit=1)[0].lower() in str(caught.value).lower()
