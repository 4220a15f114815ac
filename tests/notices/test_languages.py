"""Every language says the same things: the same texts, the same placeholders, the same numbers."""

import re
import unicodedata

import pytest

from integration.services.notices import languages
from integration.services.notices.languages import Language, placeholders, wording
from tests.notices.sheets import written

ENGLISH = wording(Language.ENGLISH).words
OTHERS = [language for language in Language if language is not Language.ENGLISH]
SCRIPTS = {Language.ARABIC: "ARABIC", Language.CHINESE: "CJK"}


@pytest.mark.parametrize("language", Language)
def test_no_text_is_missing_when_a_language_is_offered(language):
    words = wording(language).words
    assert set(words) == set(ENGLISH)
    assert [key for key, text in words.items() if not text.strip()] == []


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same_when_a_text_is_translated(language):
    words = wording(language).words
    assert {key: placeholders(text) for key, text in words.items()} == {
        key: placeholders(text) for key, text in ENGLISH.items()
    }
    assert not any("{" in re.sub(r"\{[a-z]+\}", "", text) for text in words.values())


@pytest.mark.parametrize("language", OTHERS)
def test_a_text_is_translated_when_it_is_of_another_language(language):
    same = {key for key, text in wording(language).words.items() if text == ENGLISH[key]}
    assert same == set()


@pytest.mark.parametrize("language", OTHERS)
def test_laws_keep_their_numbers_when_a_text_is_translated(language):
    words = wording(language).words
    for key, text in ENGLISH.items():
        assert re.findall(r"\d+", words[key]) == re.findall(r"\d+", text)


@pytest.mark.parametrize(("language", "script"), SCRIPTS.items())
def test_it_is_in_its_own_script_when_that_is_another(language, script):
    for text in wording(language).words.values():
        assert any(unicodedata.name(character, "").startswith(script) for character in text)


def test_arabic_alone_runs_from_the_right_when_it_is_printed():
    assert {language for language in Language if wording(language).direction == "rtl"} == {Language.ARABIC}


@pytest.mark.parametrize("language", Language)
def test_a_wording_that_nobody_reviewed_says_so_when_it_is_printed(language):
    # Whoever sets `reviewed` to true changes this test with it, and says in the file who read it.
    assert not wording(language).reviewed
    assert written(language).marks[0].text == wording(language).say("unreviewed")
    assert len(written(language).marks) == (1 if language is Language.ENGLISH else 2)


def test_nothing_is_marked_when_a_lawyer_has_read_the_words(monkeypatch):
    read = languages.Wording(Language.SPANISH, "ltr", reviewed=True, words=wording(Language.SPANISH).words)
    monkeypatch.setattr("integration.services.notices.sheet.wording", lambda _: read)
    assert written(Language.SPANISH).marks == ()


def test_a_value_is_not_looked_at_again_when_it_holds_a_placeholder():
    told = wording(Language.ENGLISH).say("policy", title="{numbers} {title}", numbers="L5")
    assert told == "Policy: {numbers} {title}. Clauses: L5."
