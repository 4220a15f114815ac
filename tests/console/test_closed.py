"""Somebody whose account is closed, or whose session or key has ended: what was open to him is so no longer."""

import pytest

from integration.console import audit
from integration.console.access import Role, Scope
from integration.store.accounts import Grant
from tests.console.site import THERE

ENDS = {
    "closed": lambda people: people.disable("compliance", by="test"),
    "sessions ended": lambda people: people.log_out_everywhere("compliance", by="test"),
    "another password": lambda people: people.set_password("compliance", "a staple horse, corrected", by="test"),
    "no role any more": lambda people: people.set_roles("compliance", [], by="test"),
    "at the other facility": lambda people: people.set_roles("compliance", [Grant(Role.COMPLIANCE, THERE)], by="test"),
}
OF_KEYS = ("closed", "no role any more", "at the other facility")


@pytest.mark.parametrize("end", ENDS)
async def test_every_page_is_closed_at_the_next_request_when_it_has_ended(console, end):
    visitor = await console.visitor("compliance")
    ENDS[end](console.parts.people)
    closed = (303, 403) if "role" in end or "facility" in end else (303,)
    for path in ("/audit/review", "/booking?source=/jms/here&number=B-1", "/audit/entry/0"):
        assert (await visitor.get(path)).status_code in (*closed, 404), path
    if closed == (303,):
        assert (await visitor.post("/complaints", source="/jms/here")).status_code in {401, 403}


class Endless:
    """Stands in for an export of ten million entries: it would go on and on."""

    def __init__(self, console, end) -> None:
        self.console, self.end, self.sent = console, end, 0
        self.media_type, self.headers, self.content = "text/csv", {}, self._content()

    def _content(self):
        while self.sent < 40:
            self.sent += 1
            if self.sent == 10:
                self.end(self.console.parts.people)
            yield b"row\n"


@pytest.mark.parametrize("end", ENDS)
async def test_export_is_cut_off_when_it_has_ended_meanwhile(console, monkeypatch, end):
    visitor, endless = await console.visitor("compliance"), Endless(console, ENDS[end])
    token = await visitor.token("/audit")
    monkeypatch.setattr(audit, "export_of", lambda *_asked: endless)
    monkeypatch.setattr(audit, "_LOOK_EVERY", 0.0)
    with pytest.raises(AssertionError):  # the answer never ends as one that is whole does
        await visitor.client.post("/audit/export", data={"csrf": token, "format": "csv"})
    assert endless.sent == 10


@pytest.mark.parametrize("end", OF_KEYS)
async def test_programs_export_is_cut_off_when_its_account_may_no_longer(console, monkeypatch, end):
    key = console.parts.people.make_token("compliance", list(Scope), 1, by="test")
    endless = Endless(console, ENDS[end])
    monkeypatch.setattr(audit, "export_of", lambda *_asked: endless)
    monkeypatch.setattr(audit, "_LOOK_EVERY", 0.0)
    with pytest.raises(AssertionError):
        await console.client(authorization=f"Bearer {key}").get("/api/v1/export?format=csv")
    assert endless.sent == 10


async def test_export_goes_to_its_end_when_nothing_has_ended(console, monkeypatch):
    visitor, endless = await console.visitor("compliance"), Endless(console, lambda _people: None)
    token = await visitor.token("/audit")
    monkeypatch.setattr(audit, "export_of", lambda *_asked: endless)
    monkeypatch.setattr(audit, "_LOOK_EVERY", 0.0)
    answer = await visitor.client.post("/audit/export", data={"csrf": token, "format": "csv"})
    assert len(answer.content) == 160


async def test_key_that_was_revoked_cuts_off_what_it_is_being_sent(console, monkeypatch):
    people = console.parts.people
    key = people.make_token("compliance", list(Scope), 1, by="test")
    token_id = key.removeprefix("hw_").partition("_")[0]
    endless = Endless(console, lambda people: people.revoke_token(token_id, by="test"))
    monkeypatch.setattr(audit, "export_of", lambda *_asked: endless)
    monkeypatch.setattr(audit, "_LOOK_EVERY", 0.0)
    with pytest.raises(AssertionError):
        await console.client(authorization=f"Bearer {key}").get("/api/v1/export?format=csv")
    assert endless.sent == 10
