"""Write the golden files anew, after the words were changed on purpose: python -m tests.alertwords.write_golden."""

from tests.alertwords.alerts import FORMS, WRITE
from tests.alertwords.golden import FOLDER, plain


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, said in FORMS.items():
        notice = WRITE(said)
        (FOLDER / f"{name}.txt").write_text(plain(notice), encoding="utf-8")
        (FOLDER / f"{name}.html").write_text(notice.html, encoding="utf-8")


if __name__ == "__main__":
    main()
