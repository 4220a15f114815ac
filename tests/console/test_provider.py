"""Logging in at a provider: who comes from there is let in when everything is right, and else refused with an entry."""

import json
from urllib.parse import parse_qsl, urlsplit

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from integration.domain.instants import DAY, HOUR, MINUTE, SECOND
from integration.errors import UsageError
from integration.store.accounts import Grant
from tests.console.provider import (
    CLIENT,
    SECRET,
    Person,
    Provider,
    Serving,
    public,
    settings_for,
    shared,
    signed,
    unsigned,
)
from tests.console.site import NOW, TOKEN, Console, Visitor


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


class Site:
    """A console and its provider."""

    def __init__(self, filled, root, key, extra: str = "") -> None:
        self.provider = Provider(key, lambda: self.console.clock.at)
        self.serving = Serving(self.provider)
        secret = root / "oidc.secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        self.console = Console(filled, root, settings_for(self.provider.url, str(secret), extra))

    def browser(self) -> "Browser":
        return Browser(self, self.console.client())

    def refused(self) -> list[tuple[str, str]]:
        return [(each["actor"], each["detail"]["reason"]) for each in self.console.entries("login.refused")]

    async def close(self) -> None:
        self.serving.stop()
        await self.console.close()


class Browser(Visitor):
    """Follows the pages to the provider and back."""

    def __init__(self, site: Site, client: httpx.AsyncClient) -> None:
        super().__init__(site.console, client)
        self.site = site

    async def leave(self, page: str = "/login", form: str = "/login/provider", to: str = "/board") -> str:
        """Go to the provider, log in there, and return the address at which it sends the browser back."""
        shown = await self.client.get(page, params={"to": to})
        given = {"csrf": TOKEN.search(shown.text)[1], "to": to, "agreed": "yes"}
        onward = await self.client.post(form, data=given)
        assert onward.status_code == 200, onward.text
        address = onward.text.partition('content="0; url=')[2].partition('"')[0].replace("&amp;", "&")
        async with httpx.AsyncClient() as beyond:
            answer = await beyond.get(address)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def come(self, address: str) -> httpx.Response:
        return await self.client.get(address)

    async def enter(self, **more: str) -> httpx.Response:
        return await self.come(await self.leave(**more))


@pytest.fixture
async def made(filled, tmp_path, key):
    sites = []

    def make(extra: str = "") -> Site:
        sites.append(Site(filled, tmp_path, key, extra))
        return sites[-1]

    yield make
    for each in sites:
        await each.close()


@pytest.fixture
def site(made):
    return made()


async def test_somebody_is_let_in_with_the_roles_that_the_provider_says_when_all_is_right(site):
    browser = site.browser()
    arrived = await browser.enter()
    assert arrived.status_code == 200
    assert 'content="0; url=/board"' in arrived.text
    assert (await browser.get("/board")).status_code == 200
    accounts = site.console.parts.accounts
    assert accounts.grants("sgt.marrowby") == [Grant("supervisor", "")]
    assert [each["actor"] for each in site.console.entries("session.opened")][-1] == "officer:sgt.marrowby"
    created = site.console.entries("account.created")[-1]
    assert (created["actor"], created["detail"]["roles"]) == ("service:console", ["supervisor at every facility"])
    everything = b"".join(row.body for row in site.console.parts.records.entries())
    assert b"0b7c-44" not in everything, "the provider's key for a person is nobody's business"


async def test_question_carries_what_binds_the_answer_to_it_when_somebody_leaves(site):
    await site.browser().enter()
    asked = site.provider.asked[-1]
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) == len(asked["nonce"]) == 43
    assert asked["max_age"] == str(12 * 3600)
    assert asked["redirect_uri"] == "https://console.example/login/back"
    assert "verifier" not in str(asked)


def other_key(key):
    return rsa.generate_private_key(65537, 2048)


def bringing_its_key(_key, claims):
    own = rsa.generate_private_key(65537, 2048)
    return signed(own, claims, kid="own", jwk=public(own, "own"))


AT = NOW // SECOND
HOSTILE = [
    ("a nonce of another log-in", {"claims": {"nonce": "x" * 43}}, "wrong_nonce"),
    ("no nonce", {"claims": {"nonce": None}}, "wrong_nonce"),
    ("no signature", {"sign": lambda _key, claims: unsigned(claims)}, "wrong_algorithm"),
    ("signed with our own secret", {"sign": lambda _k, claims: shared(SECRET.encode(), claims)}, "wrong_algorithm"),
    (
        "signed with the public key as a secret",
        {"sign": lambda key, claims: shared(json.dumps(public(key)).encode(), claims)},
        "wrong_algorithm",
    ),
    ("an algorithm that is not on the list", {"sign": lambda k, c: signed(k, c, alg="RS512")}, "wrong_algorithm"),
    ("another key", {"sign": lambda k, c: signed(other_key(k), c)}, "wrong_signature"),
    (
        "a key that the token brings along",
        {"sign": bringing_its_key},
        "wrong_signature",
    ),
    ("a key that nobody has published", {"sign": lambda k, c: signed(k, c, kid="key-2")}, "wrong_signature"),
    ("something behind it changed", {"sign": lambda k, c: signed(k, c)[:-4] + "AAAA"}, "wrong_signature"),
    ("no token at all", {"sign": lambda _k, _c: "x.y.z"}, "wrong_signature"),
    ("for somebody else", {"claims": {"aud": "another-client"}}, "wrong_audience"),
    ("for others too", {"claims": {"aud": [CLIENT, "another-client"], "azp": CLIENT}}, "wrong_audience"),
    ("asked for by somebody else", {"claims": {"azp": "another-client"}}, "wrong_audience"),
    ("of another issuer", {"claims": {"iss": "https://evil.example"}}, "wrong_issuer"),
    ("over", {"claims": {"exp": AT - 31, "iat": AT - 400}}, "token_expired"),
    ("no end", {"claims": {"exp": None}}, "token_expired"),
    ("from the future", {"claims": {"iat": AT + 3600}}, "unusable_claims"),
    ("an access token of another log-in", {"claims": {"at_hash": "x" * 22}}, "unusable_claims"),
    ("logged in yesterday", {"shown_at": AT - 13 * 3600}, "proven_long_ago"),
    ("nobody knows when", {"claims": {"auth_time": None}}, "proven_long_ago"),
    ("true, and so one", {"claims": {"auth_time": True}}, "proven_long_ago"),
    ("a password alone", {"claims": {"amr": ["pwd"]}}, "no_second_factor"),
    ("no word about how", {"claims": {"amr": None}}, "no_second_factor"),
    ("a word that holds it", {"claims": {"amr": "mfa"}}, "unusable_claims"),
    ("no subject", {"claims": {"sub": ""}}, "unusable_claims"),
    ("a role that is not mapped", {"claims": {"groups": ["jail-supervisors", "domain-admins"]}}, "unknown_role"),
    ("no role", {"claims": {"groups": []}}, "no_role"),
    ("no roles' claim", {"claims": {"groups": None}}, "no_role"),
    ("roles of another kind", {"claims": {"groups": {"jail-supervisors": True}}}, "unusable_claims"),
    ("no name", {"claims": {"preferred_username": None}}, "unusable_claims"),
    ("a name that is none", {"claims": {"preferred_username": "a b<script>"}}, "unusable_name"),
    ("a name of somebody with a password here", {"claims": {"preferred_username": "administrator"}}, "name_taken"),
    ("no keys", {"keys": lambda _key: []}, "wrong_signature"),
    (
        "a shared secret among the keys",
        {
            "keys": lambda _key: [{"kty": "oct", "kid": "key-1", "k": "c2VjcmV0c2VjcmV0c2VjcmV0"}],
            "sign": lambda _k, c: shared(b"secretsecretsecret", c, alg="HS256"),
        },
        "wrong_signature",
    ),
]


async def test_nobody_is_let_in_when_what_the_provider_says_is_not_right(site):
    right = {name: getattr(site.provider, name) for name in ("claims", "sign", "keys", "shown_at")}
    for number, (because, wrong, reason) in enumerate(HOSTILE, 1):
        for name, value in (right | wrong).items():
            setattr(site.provider, name, value)
        browser = site.browser()
        answer = await browser.enter()
        assert answer.status_code == 403, because
        assert "You were not let in" in answer.text
        assert reason not in answer.text
        assert site.refused()[number - 1 :] == [("unknown", reason)], because
        assert (await browser.get("/board")).status_code == 303
    assert site.console.entries("session.opened") == []
    told = str([row.body for row in site.console.parts.records.entries()])
    assert "domain-admins" not in told, "values of claims are not told"
    assert "script" not in str(site.console.entries("login.refused"))


async def test_state_counts_once_when_it_comes_again(site):
    browser = site.browser()
    address = await browser.leave()
    held = browser.client.cookies.get("__Host-holdwatch-away")
    assert (await browser.come(address)).status_code == 200
    assert browser.client.cookies.get("__Host-holdwatch-away") is None
    # A browser that has kept what it should have dropped.
    browser.client.cookies.set("__Host-holdwatch-away", held, domain="console.example", path="/")
    again = await browser.come(address)
    assert again.status_code == 403
    assert site.refused() == [("unknown", "unknown_state")]
    assert site.provider.paths.count("/token") == 1


async def test_state_is_refused_when_it_is_made_up_too_old_or_another_browsers(site):
    browser, other = site.browser(), site.browser()
    address = await browser.leave()
    await other.leave()
    assert (await other.come(address)).status_code == 403, "somebody else's log-in is not begun in his browser"
    assert (await browser.come("/login/back?code=code-1&state=made-up")).status_code == 403
    assert (await browser.come("/login/back")).status_code == 403
    site.console.clock.at += 10 * MINUTE
    assert (await browser.come(address)).status_code == 403
    assert site.refused() == [("unknown", "unknown_state")] * 4
    assert "/token" not in site.provider.paths


async def test_log_in_still_works_when_another_browser_has_tried_its_state(site):
    browser, other = site.browser(), site.browser()
    address = await browser.leave()
    await other.leave()
    await other.come(address)
    assert (await browser.come(address)).status_code == 200


CHANGED = [
    ({"iss": "https://evil.example"}, "wrong_issuer"),
    ({"iss": None}, "wrong_issuer"),
    ({"code": None}, "no_code"),
    ({"code": "made-up"}, "code_refused"),
    ({"error": "access_denied"}, "provider_refused"),
]


async def test_answer_is_refused_when_somebody_has_changed_the_address(site):
    for changed, reason in CHANGED:
        browser = site.browser()
        given = dict(parse_qsl(urlsplit(await browser.leave()).query)) | changed
        answer = await browser.get("/login/back", params={name: value for name, value in given.items() if value})
        assert answer.status_code == 403
        assert site.refused()[-1] == ("unknown", reason)
    assert len(site.refused()) == len(CHANGED)


async def test_code_is_worth_nothing_when_somebody_has_stolen_it(site):
    victim, thief = site.browser(), site.browser()
    stolen = dict(parse_qsl(urlsplit(await victim.leave()).query))["code"]
    own = dict(parse_qsl(urlsplit(await thief.leave()).query))
    answer = await thief.get("/login/back", params={**own, "code": stolen})
    assert answer.status_code == 403
    assert site.refused() == [("unknown", "code_refused")], "the verifier is another's (RFC 7636)"


async def test_somebody_is_told_to_wait_when_the_provider_is_away(site):
    browser = site.browser()
    address = await browser.leave()
    site.serving.stop()
    assert (await browser.come(address)).status_code == 503
    site.console.clock.at += 11 * MINUTE
    shown = await browser.get("/login")
    given = {"csrf": TOKEN.search(shown.text)[1], "agreed": "yes"}
    assert (await browser.client.post("/login/provider", data=given)).status_code == 503
    assert site.refused() == [("unknown", "provider_unreachable")] * 2
    site.serving = Serving(Provider(site.provider.key, lambda: 0))


METADATA = [
    ({"issuer": "https://evil.example"}, "wrong_issuer"),
    ({"token_endpoint": "http://evil.example/token"}, "provider_unusable"),
    ({"authorization_endpoint": None}, "provider_unusable"),
    ({"jwks_uri": ["x"]}, "provider_unusable"),
    ({"authorization_endpoint": "javascript:alert(1)"}, "provider_unusable"),
]


async def test_nobody_is_sent_anywhere_when_the_provider_does_not_say_what_it_has_to(site):
    browser = site.browser()
    shown = await browser.get("/login")
    given = {"csrf": TOKEN.search(shown.text)[1], "agreed": "yes"}
    for metadata, reason in METADATA:
        site.provider.metadata = metadata
        assert (await browser.client.post("/login/provider", data=given)).status_code == 503
        assert site.refused()[-1] == ("unknown", reason)
    assert len(site.refused()) == len(METADATA)


async def test_form_is_refused_when_it_is_not_ours_or_the_banner_is_not_agreed_to(site):
    browser = site.browser()
    assert (await browser.client.post("/login/provider", data={"agreed": "yes"})).status_code == 403
    shown = await browser.get("/login")
    assert "may be monitored, recorded and audited" in shown.text
    given = {"csrf": TOKEN.search(shown.text)[1]}
    assert (await browser.client.post("/login/provider", data=given)).status_code == 400
    assert site.provider.asked == []


async def test_password_is_refused_when_the_settings_allow_none(site):
    browser = site.browser()
    page = await browser.get("/login")
    assert "current-password" not in page.text
    form = {"csrf": TOKEN.search(page.text)[1], "name": "administrator", "password": "correct horse battery staple"}
    form |= {"code": site.console.code("administrator"), "agreed": "yes"}
    assert (await browser.client.post("/login", data=form)).status_code == 403
    assert site.refused() == [("unknown", "passwords_closed")]


async def test_session_is_over_twelve_hours_after_the_log_in_at_the_provider_when_it_was_long_ago(site):
    site.provider.shown_at = AT - 11 * 3600
    browser = site.browser()
    await browser.enter()
    site.console.clock.at = NOW + 29 * MINUTE
    assert (await browser.get("/board")).status_code == 200
    site.console.clock.at = NOW + 58 * MINUTE
    assert (await browser.get("/board")).status_code == 200
    site.console.clock.at = NOW + HOUR
    assert (await browser.get("/board")).status_code == 303


async def test_privileged_act_asks_the_provider_again_when_it_was_shown_ten_minutes_ago(site):
    site.provider.person.groups = ["jail-records"]
    browser = site.browser()
    await browser.enter()
    site.console.clock.at += 11 * MINUTE
    assert (await browser.post("/quarantine/deny", page="/again")).status_code == 403
    assert "the county" in (await browser.get("/again")).text
    answer = await browser.enter(page="/again", form="/again/provider", to="/quarantine")
    assert answer.status_code == 200
    assert site.provider.asked[-1]["prompt"] == "login"
    assert site.provider.asked[-1]["max_age"] == "0"
    assert site.console.entries("session.proven")[-1]["actor"] == "officer:sgt.marrowby"
    # Open now, and no message of that number there: 503 without a gate.
    assert (await browser.post("/quarantine/deny", page="/again")).status_code != 403


@pytest.mark.parametrize("way", ["not shown again", "somebody else", "somebody else with an account"])
async def test_privileged_act_stays_closed_when_nobody_showed_again_who_he_is(site, way):
    first = site.provider.person
    if way == "somebody else with an account":
        site.provider.person = Person("another", "another")
        await site.browser().enter()
        site.provider.person = first
    browser = site.browser()
    await browser.enter()
    site.console.clock.at += 11 * MINUTE
    if way == "not shown again":
        site.provider.shown_at = AT
    else:
        site.provider.person = Person("another", "another")
    answer = await browser.enter(page="/again", form="/again/provider", to="/board")
    assert answer.status_code == 403
    reason = "proven_long_ago" if way == "not shown again" else "somebody_else"
    assert site.refused() == [("officer:sgt.marrowby", reason)]
    assert site.console.entries("session.proven") == []


async def test_roles_follow_the_provider_when_somebody_logs_in_again(site):
    await site.browser().enter()
    site.provider.person.groups = ["jail-records"]
    await site.browser().enter()
    accounts = site.console.parts.accounts
    assert accounts.grants("sgt.marrowby") == [Grant("approver", "/jms/here"), Grant("compliance", "/jms/here")]
    changed = site.console.entries("account.changed")[-1]
    assert (changed["outcome"], changed["actor"]) == ("roles_set", "service:console")
    site.provider.person.groups = []
    browser = site.browser()
    assert (await browser.enter()).status_code == 403
    assert site.refused() == [("officer:sgt.marrowby", "no_role")]


async def test_account_stays_with_the_person_when_the_name_changes_hands(site):
    await site.browser().enter()
    site.provider.person.subject = "another person"
    assert (await site.browser().enter()).status_code == 403
    assert site.refused() == [("unknown", "name_taken")]
    site.provider.person.subject, site.provider.person.name = "0b7c-44", "lt.marrowby"
    assert (await site.browser().enter()).status_code == 200
    assert site.console.entries("session.opened")[-1]["actor"] == "officer:sgt.marrowby"


async def test_somebody_is_refused_when_an_administrator_has_closed_his_account(site):
    browser = site.browser()
    await browser.enter()
    site.console.parts.people.disable("sgt.marrowby", by="officer:administrator")
    assert (await browser.get("/board")).status_code == 303
    assert (await site.browser().enter()).status_code == 403
    assert site.refused() == [("officer:sgt.marrowby", "disabled")]
    site.console.parts.people.enable("sgt.marrowby", by="officer:administrator")
    site.console.clock.at += 90 * DAY
    assert (await site.browser().enter()).status_code == 403
    assert site.refused()[-1] == ("officer:sgt.marrowby", "unused")


async def test_both_sessions_end_when_somebody_logs_out(site):
    browser = site.browser()
    await browser.enter()
    left = await browser.post("/logout", page="/account")
    assert left.status_code == 200
    assert f"{site.provider.url}/end?client_id={CLIENT}" in left.text
    assert (await browser.get("/board")).status_code == 303
    assert site.console.entries("session.closed")[-1]["actor"] == "officer:sgt.marrowby"


async def test_session_here_ends_when_the_provider_is_away(site):
    browser = site.browser()
    await browser.enter()
    token = await browser.token("/account")
    site.provider.metadata = {"issuer": "gone"}
    site.console.clock.at += 11 * MINUTE
    assert (await browser.client.post("/logout", data={"csrf": token})).status_code == 303
    assert (await browser.get("/board")).status_code == 303


async def test_provider_keeps_roles_and_password_when_an_administrator_tries_to(site):
    await site.browser().enter()
    people = site.console.parts.people
    for act in (
        lambda: people.set_roles("sgt.marrowby", [], by="officer:administrator"),
        lambda: people.set_password("sgt.marrowby", "correct horse battery", by="officer:administrator"),
        lambda: people.new_secret("sgt.marrowby", by="officer:administrator"),
        lambda: people.add("new", "correct horse battery", [], by="officer:administrator"),
    ):
        with pytest.raises(UsageError):
            act()


@pytest.mark.parametrize(
    ("extra", "changed", "let_in"),
    [
        ('other_roles = "ignore"', {"groups": ["domain-users", "jail-supervisors"]}, True),
        ('other_roles = "ignore"', {"groups": ["domain-users"]}, False),
        ('amr = []\nacr = ["urn:two"]', {"acr": "urn:two", "amr": None}, True),
        ('amr = []\nacr = ["urn:two"]', {"acr": "urn:one"}, False),
        ('amr = ["otp"]\nacr = ["urn:two"]', {"acr": "urn:two", "amr": ["pwd"]}, False),
        ('second_factor = "provider"', {"amr": None}, True),
        ('account_suffix = "@county.example"', {"preferred_username": "Marrowby@county.example"}, True),
        ('account_suffix = "@county.example"', {"preferred_username": "Marrowby@evil.example"}, False),
        ('roles_claim = "realm.roles"', {"realm": {"roles": ["jail-supervisors"]}}, True),
        ('roles_claim = "realm.roles"', {"realm": ["jail-supervisors"]}, False),
    ],
)
async def test_claims_are_read_as_the_settings_say_when_they_say_so(made, extra, changed, let_in):
    site = made(extra)
    site.provider.claims = changed
    assert ((await site.browser().enter()).status_code == 200) is let_in


async def test_password_still_works_when_the_settings_allow_it_beside_the_provider(made):
    site = made("local_passwords = true")
    visitor = Visitor(site.console, site.console.client())
    assert (await visitor.log_in("supervisor")).status_code == 303
    assert (await site.browser().enter()).status_code == 200
    # Nobody locks an account that has no password by trying some.
    for _ in range(6):
        other = Visitor(site.console, site.console.client())
        assert (await other.log_in("sgt.marrowby", password="", code="1")).status_code == 403
    assert site.console.parts.accounts.account("sgt.marrowby").locked_at is None
    assert (await site.browser().enter()).status_code == 200


async def test_routes_are_not_there_when_there_is_no_provider(console):
    visitor = await console.visitor("supervisor")
    assert (await visitor.get("/login/back")).status_code == 404
    assert (await visitor.post("/again/provider")).status_code == 404
    assert orjson.loads(orjson.dumps(console.entries("login.refused"))) == []
