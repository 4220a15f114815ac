"""Ordinary mail, and letters of status, that a reader from outside found held: each passes."""

import pytest

from tests.gate.judging import decided, examined, permitted
from tests.gate.mails import HEAD, mail, plain

TEXT = "Content-Type: text/plain; charset=utf-8"
COLLEAGUE = "dispatch@county.example"
ABOUT = [
    ("IAQ training: next class 4/2. An IAQ is an immigration alien query.", "a lesson"),
    ("Policy 5.3: staff shall not send an IAQ (Immigration Alien Query).", "a rule"),
    ("Run an IAQ on every foreign-born arrestee? No: our policy says do not.", "a question about a rule"),
    ("The IAQ form is attached.", "a form"),
    ("Building 3. IAQ.", "the air indoors"),
    ("No IAQ was sent for anybody in 2025.", "a count"),
    ("Indoor air quality (IAQ): CO2 900 ppm. HVAC off/on at 6.", "the air again"),
    ("To: all staff\nFrom: Captain\n\nLot B is closed. ICE wrote again.", "a memo"),
    ("From: Smith <smith@ice.dhs.gov>\nTo: Roe <jane@lansing.example>\n\nWhen does he get out?", "a forwarded letter"),
    ("From: Roe <jane@lansing.example>\nTo: smith@ice.dhs.gov\n\nNo.", "what was once sent to one, to counsel"),
    ("Please review the letter to smith@ice.dhs.gov below.\n\nTo: smith@ice.dhs.gov\nNo.", "a draft for counsel"),
]


@pytest.mark.parametrize(("text", "because"), ABOUT)
def test_message_to_others_passes_when_it_is_about_queries_and_authorities(text, because):
    head = [line.replace("Agent Smith <smith@ice.dhs.gov>", COLLEAGUE) for line in HEAD]
    assert decided(examined(mail(text, TEXT, head=head), COLLEAGUE)).permit, because


QUERIES = [
    ("IAQ.MI33\n41600.AX.T\nXT", "wrapped in its head"),
    ("I A Q . MI3341600 . AX . TXT", "spelled apart"),
    ("1L01IAQ.MI3341600.AX.TXT", "with a line number run into it"),
    ("IAQ PEREZ, JUAN 02/03/1990", "a name and a birth date"),
    ("IAQ NAM:PEREZ", "a field with a colon"),
    ("please run IAQ on Perez", "somebody is asked for one"),
    ("submitted the alien query", "somebody says that one was sent"),
    ("sent IAQ to LESC", "the same"),
]


@pytest.mark.parametrize(("text", "because"), QUERIES)
def test_message_to_others_is_blocked_when_it_is_a_query(text, because):
    head = [line.replace("Agent Smith <smith@ice.dhs.gov>", COLLEAGUE) for line in HEAD]
    assert not decided(examined(mail(text, TEXT, head=head), COLLEAGUE)).permit, because


NAMES = [
    ("Lansing Ice Rink <desk@ice.example>", "a rink"),
    ("Ice Cream Depot <orders@depot.example>", "a shop"),
    ("City Ice Company <sales@city.example>", "a company"),
    ("Blue Cross Ins <claims@bcbs.example>", "an insurer"),
    ("Mercer County DRO <dro@mercer.example>", "domestic relations"),
    ("Dept. of Homeland Preparedness <dhp@state.example>", "another department"),
    ("Grace Price <gprice@vendor.example>", "a part of a word"),
]


@pytest.mark.parametrize(("to", "because"), NAMES)
def test_message_passes_when_its_recipient_only_sounds_like_an_authority(to, because):
    head = [line.replace("Agent Smith <smith@ice.dhs.gov>", to) for line in HEAD]
    seen = examined(mail("The roster is attached.", TEXT, head=head), to.partition("<")[2].rstrip(">"))
    assert decided(seen).permit, because


def test_agency_is_known_when_frozen_water_stands_beside_its_name():
    head = [line.replace("Agent Smith", "ICE at the Ice Rink") for line in HEAD]
    assert not decided(examined(mail("Released.", TEXT, head=head), "desk@ice.example")).permit


LETTERS = [
    ("PEREZ, JUAN A#087654321 MEXICO", "as forms print it"),
    ("We do not collect immigration status information.", "the most common answer of all"),
    ("We do not know the immigration status of Juan Perez.", "the same"),
    ("I-551 stamp", "a document of status"),
    ("Consular card: Mexico", "the same"),
    ("Our records reflect that Mr. Perez is a Mexican national.", "another word for show"),
    ("Nombre: Juan Perez\nNacionalidad: mexicana", "in Spanish"),
    ("Ciudadana estadounidense", "the same"),
    ("Estatus migratorio: desconocido", "the same"),
    ("Name | Citizenship\nJuan Perez | Mexico", "in columns"),
    ("Name\tCitizenship\nJuan Perez\tMexico", "the same, with tabs"),
    ("1. Juan Perez: Mexico\n2. Ana Lopez: Honduras", "numbered"),
    ("Agent Smith,\n\nPer our records: U.S. citizen.\n\nV/r,\nSgt Roe", "a greeting that is a title and a name"),
    ("Juan Perez is a U.S. citizen.\n\nYours truly,\nJane Roe", "a closing"),
    ("I can share with you that Juan Perez is a U.S. citizen.", "telling is not handing over"),
    ("Our records show that the individual, Juan Perez, is a lawful\npermanent\nresident.", "wrapped"),
    ("Subject:\nJuan Perez\nCitizenship:\nMexico", "labels on lines of their own"),
    ("LPR.\n\nRegards,\nJane Roe\nBay County Sheriff's Office", "a county with an ordinary word in its name"),
    ("LPR.\n\nRegards,\nJane Roe\nNorth Muskegon Police Department", "a town with a direction in its name"),
    ("In response to your letter dated March 2, 2026, Juan Perez is a citizen of Mexico.", "the day of a letter"),
    ("Mexican citizen.\n\nThanks,\nJane Roe | Records | Lansing PD | 517.555.0100", "a signature on one line"),
]


@pytest.mark.parametrize(("text", "because"), LETTERS)
def test_letter_of_status_passes_when_offices_write_it_so(text, because):
    assert permitted(plain(text)), because
