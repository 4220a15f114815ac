"""Write the golden files anew, after the words were changed on purpose: python -m tests.notices.write_golden."""

from pathlib import Path

from integration.services.notices.languages import Language
from integration.services.notices.printed import html_of
from integration.services.notices.typed import text_of
from tests.notices.sheets import MASSACHUSETTS, written

FOLDER = Path(__file__).parents[1] / "golden" / "notices"
REVISION = "REVISION"


def forms(language: Language) -> dict[str, str]:
    """Both forms of a notice, without the pack's revision, which every change of the pack changes."""
    made = written(language)
    told = {f"{language.value}.html": html_of(made), f"{language.value}.txt": text_of(made)}
    return {name: form.replace(MASSACHUSETTS.revision[:16], REVISION) for name, form in told.items()}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in Language:
        for name, form in forms(language).items():
            (FOLDER / name).write_text(form, encoding="utf-8")


if __name__ == "__main__":
    main()
