"""Every type and field of the contract, typed out: a change of the models that changes the contract shows here."""

from typing import get_args

import pytest

from integration.domain import parameters
from schemas import entries, outputs
from schemas.events import Event
from schemas.export import event_models
from schemas.kinds import RecipientClass, Status, Verdict
from tests.contract.contract import VALID, base_name

ENVELOPE = {"specversion", "id", "source", "subject", "time", "recordedtime", "type", "data"}
CARRIED = {"datacontenttype", "dataschema", "traceparent", "tracestate", "partitionkey"}

# Type: its data; "?" marks what may be missing.
TYPES = {
    "jail.booking.opened.v1": "person? arrested_at? booked_by? basis? identification?",
    "jail.booking.voided.v1": "reason?",
    "jail.booking.moved.v1": "into",
    "jail.hold.placed.v1": "hold_id kind expires_at? document? issuer? charge? reasons?",
    "jail.hold.lifted.v1": "hold_id reason?",
    "jail.warrant.verified.v1": "hold_id verified_by document_sha256?",
    "jail.bail.set.v1": "amount?",
    "jail.bail.posted.v1": "amount? covers_all?",
    "jail.bail.refused.v1": "refused_by? reason?",
    "jail.release.due.v1": "due_at reason",
    "jail.release.rescinded.v1": "reason?",
    "jail.release.completed.v1": "released_to? reason?",
    "jail.custody.transferred.v1": "to_agency temporary warrant_hold_id?",
    "jail.notice.served.v1": "hold_id language? served_by",
    "jail.access.requested.v1": "access_id agency mode warrant_hold_id? purpose?",
    "jail.assistance.requested.v1": "assistance_id agency kind",
    "jail.message.requested.v1": "message_id channel sender recipients purpose? content text? raw_sha256?",
    "jail.approval.granted.v1": "approval_id message_id legal_basis citation approved_by expires_at",
    "jail.approval.withdrawn.v1": "approval_id reason?",
    "jail.reimbursement.received.v1": "amount currency agency hold_id?",
    "jail.certification.requested.v1": "certification_id kind due_at?",
    "jail.certification.decided.v1": "certification_id outcome",
    "jail.complaint.filed.v1": "complaint_id summary against? received_by",
    "jail.event.retracted.v1": "retracts",
}

PARTS = {
    ("jail.booking.opened.v1", "person"): "person_id family_name given_name birth_date preferred_language",
    ("jail.hold.placed.v1", "document"): "form number sha256",
    ("jail.hold.placed.v1", "issuer"): "agency ori court official_name official_title",
    ("jail.hold.placed.v1", "charge"): "code description",
    ("jail.message.requested.v1", "sender"): "user agency",
    ("jail.message.requested.v1", "recipients"): "address agency ori number",
}

WORDS = {
    ("jail.hold.placed.v1", "kind"): "arrest charge sentence court_order judicial_warrant agency_hold "
    "immigration_detainer administrative_warrant notification_request",
    ("jail.release.due.v1", "reason"): "charges_dropped acquitted sentence_served bail_posted own_recognizance "
    "diversion court_order no_charges_filed other",
    ("jail.release.completed.v1", "released_to"): "self court hospital agency",
    ("jail.access.requested.v1", "mode"): "in_person telephone video",
    ("jail.assistance.requested.v1", "kind"): "joint_operation immigration_function_287g "
    "traffic_or_perimeter_support translation other",
    ("jail.message.requested.v1", "channel"): "smtp http kafka nlets fax telephone",
    ("jail.message.requested.v1", "purpose"): "immigration_enforcement criminal_investigation court victim_notice "
    "public_record other",
    ("jail.message.requested.v1", "content"): "custody_status release_time detention_length home_address work_address "
    "hearing personal place_of_birth citizenship_or_immigration_status other",
    ("jail.approval.granted.v1", "legal_basis"): "judicial_warrant court_order public_record statute "
    "serious_crime_investigation",
    ("jail.certification.requested.v1", "kind"): "u_visa t_visa",
    ("jail.certification.decided.v1", "outcome"): "signed declined",
}


def _inner(annotation):
    """The model or enum inside an optional, a list or a mapping."""
    return next((found for part in get_args(annotation) if (found := _inner(part))), None) or (
        annotation if isinstance(annotation, type) and annotation not in {str, int, type(None), list, dict} else None
    )


def _data(type_):
    return event_models()[type_].model_fields["data"].annotation


def test_every_type_has_a_model_when_contract_lists_it():
    assert set(event_models()) == set(TYPES)
    assert len(get_args(Event)) == len(TYPES)


def test_every_type_has_an_example_when_contract_lists_it():
    assert {base_name(path) for path in VALID} == set(TYPES)


@pytest.mark.parametrize("type_", TYPES)
def test_fields_are_those_of_the_contract_when_type_is(type_):
    assert set(event_models()[type_].model_fields) == ENVELOPE | CARRIED
    fields = {f"{name}{'' if field.is_required() else '?'}" for name, field in _data(type_).model_fields.items()}
    assert fields == set(TYPES[type_].split())


@pytest.mark.parametrize(("type_", "part"), PARTS)
def test_parts_are_those_of_the_contract_when_field_is_an_object(type_, part):
    model = _inner(_data(type_).model_fields[part].annotation)
    assert set(model.model_fields) == set(PARTS[type_, part].split())
    assert not any(field.is_required() for field in model.model_fields.values())


@pytest.mark.parametrize(("type_", "field"), WORDS)
def test_words_are_those_of_the_contract_when_list_is_closed(type_, field):
    assert [word.value for word in _inner(_data(type_).model_fields[field].annotation)] == WORDS[type_, field].split()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (outputs.Rule, parameters.Rule),
        (outputs.Severity, parameters.Severity),
        (outputs.Status, Status),
        (outputs.Verdict, Verdict),
        (outputs.RecipientClass, RecipientClass),
    ],
)
def test_words_of_outputs_equal_those_of_the_rules_when_both_list_them(said, meant):
    assert {word.value for word in said} == {word.value for word in meant}


def test_every_kind_of_entry_has_one_model_when_listed():
    kinds = [
        kind
        for model in get_args(get_args(entries.Entry)[0])
        for kind in get_args(model.model_fields["kind"].annotation)
    ]
    assert sorted(kinds) == sorted(entries.EntryKind)
