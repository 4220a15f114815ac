"""What each kind of alert says, word for word."""

from html.parser import HTMLParser

import pytest

from integration.services.alertwords.gsm import SINGLE_GSM, septets
from tests.alertwords.alerts import FORMS, WRITE
from tests.alertwords.golden import FOLDER, plain


@pytest.mark.parametrize("name", FORMS)
def test_it_says_what_was_agreed_when_it_is_written(name):
    notice = WRITE(FORMS[name])
    assert plain(notice) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert notice.html == (FOLDER / f"{name}.html").read_text(encoding="utf-8")


def test_every_golden_file_is_compared_when_there_is_one():
    assert {path.stem for path in FOLDER.iterdir()} == set(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_the_short_form_is_one_message_when_nothing_in_it_is_long(name):
    taken = septets(WRITE(FORMS[name]).short)
    assert taken is not None
    assert taken <= SINGLE_GSM


class Reader(HTMLParser):
    """What a person reads of a page, and what it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, tuple[str, ...]]] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


@pytest.mark.parametrize("name", FORMS)
def test_the_page_says_what_the_text_says_when_both_are_written(name):
    notice = WRITE(FORMS[name])
    told = " ".join(" ".join(read(notice.html).words).split())
    for line in notice.text.splitlines():
        words = line.strip().removeprefix("- ")
        value = words.partition(": ")[2] or words
        if value and not value[0].isdigit() and not value.startswith("See and"):
            assert value.rstrip(":") in told


@pytest.mark.parametrize("name", FORMS)
def test_nothing_is_fetched_or_run_when_the_page_is_shown(name):
    reader = read(WRITE(FORMS[name]).html)
    made_of = {tag for tag, _ in reader.tags}
    assert made_of <= {
        "html", "head", "meta", "title", "body", "h1", "p", "table", "tr", "th", "td", "ul", "ol", "li", "bdi", "a",
        "br",
    }  # fmt: skip
    assert {name for _, names in reader.tags for name in names} <= {
        "lang", "charset", "name", "content", "style", "scope", "href",
    }  # fmt: skip
    assert "url(" not in WRITE(FORMS[name]).html
