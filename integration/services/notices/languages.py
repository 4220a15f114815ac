"""The words of a notice in each language: data files with the same keys and the same placeholders."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent / "texts"
_PLACEHOLDER: Final = re.compile(r"\{([a-z]+)\}")


class Language(StrEnum):
    """Languages of a notice (POLICY.md, M-g)."""

    ENGLISH = "en"
    SPANISH = "es"
    ARABIC = "ar"
    CHINESE = "zh"
    PORTUGUESE = "pt"
    VIETNAMESE = "vi"


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's words."""

    language: Language
    direction: str
    """``ltr`` or ``rtl``."""
    reviewed: bool
    """A lawyer of the agency has read these very words."""
    words: Mapping[str, str]

    def say(self, key: str, **values: str) -> str:
        """Return a text with its placeholders filled, once: what a value holds is not looked at again.

        Raises:
            KeyError: there is no such text, or a value is missing.
        """
        return _PLACEHOLDER.sub(lambda found: values[found[1]], self.words[key])


@cache
def wording(language: Language) -> Wording:
    """Read a language's words.

    Raises:
        ValueError: the file does not say what it has to; it ships with the product, so that is a defect.
    """
    table = tomllib.loads((_FOLDER / f"{language.value}.toml").read_text(encoding="utf-8"))
    head: dict[str, Any] = table["language"]
    if head["code"] != language.value or head["direction"] not in {"ltr", "rtl"}:
        raise ValueError(f"{language.value}.toml is of another language")
    return Wording(language, head["direction"], head["reviewed"] is True, table["words"])


def placeholders(text: str) -> tuple[str, ...]:
    """Return the names of a text's placeholders, sorted."""
    return tuple(sorted(_PLACEHOLDER.findall(text)))
