"""A flag of an immigration hold is read however a county writes it, or refused: never passed over."""

import pytest

from tests.connectors.jms_niem.documents import Charge, Document
from tests.connectors.jms_niem.reading import kinds, mapped, of_type, one

SEEN = ["charge", "immigration_detainer"]
NAME = "x:DetentiontImmigrationHoldIndicator"
FLAGS = [
    (f"<{NAME}><x:Value>true</x:Value></{NAME}>", SEEN, None, "its value in an element of its own"),
    (f"<{NAME}><x:A><x:B>Y</x:B></x:A></{NAME}>", SEEN, None, "further inside"),
    (f'<{NAME} value="true"/>', SEEN, None, "in an attribute"),
    (f'<{NAME} value="no"/>', ["charge"], None, "an attribute that says no"),
    (f'<{NAME} value="maybe"/>', ["charge"], "bad_value", "one that says neither"),
    (f'<{NAME} id="F1" structures:id="F2" />', ["charge"], None, "one that only names the element"),
    (f"<{NAME}><!-- was: false -->true</{NAME}>", SEEN, None, "behind a remark"),
    (f"<{NAME}>tr<x:B/>ue</{NAME}>", SEEN, None, "with something between its letters"),
    ("<x:HoldICE>Y</x:HoldICE>", SEEN, None, "the authority behind"),
    ("<x:DetainerICEIndicator>true</x:DetainerICEIndicator>", SEEN, None, "so, too"),
    ("<x:HoldForImmigrationFlag>1</x:HoldForImmigrationFlag>", SEEN, None, "with a word between"),
    ("<x:HoldIceFlag>1</x:HoldIceFlag>", SEEN, None, "in small letters"),
    ("<x:HoldOfficeFlag>1</x:HoldOfficeFlag>", ["charge"], None, "an office"),
    ("<x:HoldInstructions>1</x:HoldInstructions>", ["charge"], None, "instructions"),
    ("<x:HouseholdICE>1</x:HouseholdICE>", ["charge"], None, "a household"),
    ("<x:ICEHold><x:HoldIndicator>true</x:HoldIndicator></x:ICEHold>", SEEN, None, "the name around it says for whom"),
    ("<x:ICEHold><x:ICEHoldIndicator>Y</x:ICEHoldIndicator></x:ICEHold>", SEEN, None, "a flag inside a flag"),
    ("<x:ICEHold><x:Date>2026-03-02</x:Date></x:ICEHold>", ["charge"], "bad_value", "a hold and when, and no rule"),
    ("<x:ImmigrationDetainer><x:Form>A</x:Form><x:By>Q</x:By></x:ImmigrationDetainer>", ["charge"], "unmapped_code",
     "a paper in parts of the county's own"),
    ("<x:ImmigrationDetainer><x:Form/><x:By> </x:By></x:ImmigrationDetainer>", ["charge"], None, "one that is empty"),
    ("<x:ShelfText>ICE <x:B>HOLD</x:B></x:ShelfText>", ["charge"], "unmapped_code", "words with an element among them"),
]  # fmt: skip


@pytest.mark.parametrize(("element", "expected", "refused", "because"), FLAGS, ids=[row[-1] for row in FLAGS])
def test_flag_is_read_or_refused_however_it_is_written(element, expected, refused, because):
    outcome = mapped(Document(more=element))
    assert kinds(outcome) == expected, because
    assert [refusal.reason.value for refusal in outcome.refusals] == ([refused] if refused else [])


def test_charge_is_an_immigration_hold_when_an_element_stands_between_its_words():
    outcome = mapped(Document(charges=[Charge(), Charge("HOLD <x:B>IMMIGRATION</x:B>", "9")]).xml().replace(
        b"HOLD &lt;x:B&gt;IMMIGRATION&lt;/x:B&gt;", b"HOLD <x:B>IMMIGRATION</x:B>"))  # fmt: skip
    assert kinds(outcome) == SEEN, "HOLD alone would be an agency that may keep the person"


@pytest.mark.parametrize(
    ("other", "lifted", "because"),
    [
        ("", 1, "the flag says that there is no hold any more"),
        ("<x:ICEHold>Y</x:ICEHold>", 0, "another says that there is"),
        ("<x:ICEHold>X</x:ICEHold>", 0, "what another says nobody knows"),
        ("<x:ICEHold><x:A>1</x:A><x:B>2</x:B></x:ICEHold>", 0, "nor in parts"),
    ],
)
def test_flag_that_says_no_lifts_nothing_when_another_says_something_else(other, lifted, because):
    outcome = mapped(Document(root="CustodyStatusChangeReport", flag="false", more=other))
    assert len(of_type(outcome, "hold.lifted")) == lifted, because


OUTSIDE = [
    ("<x:ICEHoldIndicator>true</x:ICEHoldIndicator>", 1, "a flag"),
    ("<x:ICEHoldIndicator>false</x:ICEHoldIndicator>", 0, "a flag that says no"),
    ("<x:A><x:ShelfText>ICE HOLD</x:ShelfText></x:A>", 1, "words"),
    ("<j:Charge><j:ChargeDescriptionText>ICE HOLD</j:ChargeDescriptionText></j:Charge>", 1, "a charge that no one has"),
    ("<x:ShelfText>POLICE HOLD</x:ShelfText>", 0, "somebody else's"),
]


@pytest.mark.parametrize(("element", "refused", "because"), OUTSIDE, ids=[row[-1] for row in OUTSIDE])
def test_element_is_refused_when_it_says_a_hold_outside_of_every_booking(element, refused, because):
    end = b"</d:CustodyStatusChangeReport>"
    raw = Document(root="CustodyStatusChangeReport").xml().replace(end, element.encode() + end)
    outcome = mapped(raw)
    assert kinds(outcome) == ["charge"], because
    told = [refusal.message for refusal in outcome.refusals]
    assert told == ["it says an immigration hold, and stands outside of every booking"] * refused


DAYS = [
    ("2026-03-01", "2026-03-02T07:00:00Z", "a day that is over: its end"),
    ("2026-03-02", "2026-03-02T21:30:00Z", "the day of the message: not later than it was told"),
    ("2026-03-04", "2026-03-05T07:00:00Z", "a day that has not come: never before it"),
]


@pytest.mark.parametrize(("day", "released", "because"), DAYS, ids=[row[-1] for row in DAYS])
def test_release_is_not_before_its_day_when_only_that_is_said(day, released, because):
    outcome = mapped(Document(root="CustodyReleaseReport", booked="2026-03-01T10:00:00", release=day))
    assert one(outcome, "release.completed")["time"] == released, because
