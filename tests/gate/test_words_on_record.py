"""Words that stand in audit entries and stored rows: a renamed one would make the records of years unreadable."""

from enum import StrEnum

import pytest

from integration.domain.messages.gaps import Gap
from integration.domain.neverheld import Service
from integration.domain.recipients.doubts import Doubt
from integration.domain.recipients.reach import By

WORDS: list[tuple[type[StrEnum], str]] = [
    (
        Gap,
        (
            "too_large too_many_parts too_deep too_much_text too_slow expands_too_much malformed_header "
            "duplicate_header bad_content_type bad_transfer_encoding bad_boundary stray_text long_line "
            "partial_message external_body parsers_disagree unknown_charset bad_charset bad_encoded_word "
            "hidden_encoding encrypted image sound video unknown_binary broken_file type_mismatch "
            "unsupported_format active_content not_plain_document unseen_body no_roster"
        ),
    ),
    (
        Doubt,
        (
            "empty_recipient recipient_too_long unprintable_recipient no_address several_addresses address_group "
            "address_comment source_route percent_route bang_path quoted_local_part encoded_address address_literal "
            "unqualified_domain bad_domain look_alike_domain short_number local_number federal_ori"
        ),
    ),
    (By, "domain route alias name ori number local_part never_held doubt nothing"),
    (Service, "court victim_notice fingerprints medical"),
]


@pytest.mark.parametrize(("kind", "words"), WORDS, ids=[row[0].__name__ for row in WORDS])
def test_a_word_on_record_is_never_renamed(kind, words):
    # A new one is added here; one that is written nowhere any more stays, for what is on record.
    assert {each.value for each in kind} == set(words.split())
