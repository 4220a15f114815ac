"""Each recipient of an envelope is decided for itself; what headers say of one frees nobody else."""

import pytest

from schemas.kinds import RecipientClass
from tests.gate.judging import examined
from tests.gate.mails import AGENT, HEAD, mail

AUTHORITY, OTHER = RecipientClass.IMMIGRATION_AUTHORITY, RecipientClass.OTHER
LIST, CLERK = "list@county.example", "clerk@county.example"

CASES = [
    (f'"ICE ERO Detroit" <{LIST}>', (LIST,), AUTHORITY, "its name says where the list leads"),
    (
        f'"ICE ERO Detroit" <{LIST}>, {AGENT}',
        (LIST, AGENT),
        AUTHORITY,
        "another address decides nothing about this one",
    ),
    (f'"ICE ERO Detroit" <{LIST}>, {CLERK}', (CLERK, LIST), OTHER, "the name stands with the list, not with the clerk"),
    (f'"ICE ERO Detroit" <{AGENT}>, {CLERK}', (CLERK, AGENT), OTHER, "the agent is decided for himself"),
    (f"{AGENT}, {CLERK}", (CLERK, AGENT), OTHER, "an address in the envelope is its own affair"),
    (f"{AGENT}, {CLERK}", (CLERK,), AUTHORITY, "nobody decides on the agent, so the clerk may be the way to him"),
    (f"ICE Detroit: {LIST}, {CLERK};", (LIST, CLERK), AUTHORITY, "a group's name stands with all of it"),
    (f"{CLERK} (for ICE Detroit), {LIST}", (LIST, CLERK), AUTHORITY, "whose a comment is, nobody can say"),
]


@pytest.mark.parametrize(("to", "envelope", "party", "because"), CASES)
def test_recipient_is_decided_by_what_stands_with_it_when_there_are_several(to, envelope, party, because):
    head = [line for line in HEAD if not line.startswith("To:")]
    seen = examined(mail("hello", f"To: {to}", head=head), *envelope)
    assert seen.alone(0).recipient_class is party, because
