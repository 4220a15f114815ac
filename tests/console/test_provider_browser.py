"""Logging in at a provider in a real browser: cookies and policies are held to there, and at two sites."""

import asyncio
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from playwright.sync_api import expect, sync_playwright

from integration.console.parts import open_parts
from integration.console.serving import Serving
from tests.console.browsing import faults_of, launched, page_of
from tests.console.provider import SECRET, Provider, settings_for
from tests.console.provider import Serving as ServingProvider
from tests.console.site import QUICK, Clock, fill
from tests.ports import free_port


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    root = tmp_path_factory.mktemp("provider")
    filled, clock = fill(root), Clock()
    provider = Provider(rsa.generate_private_key(65537, 2048), clock.now)
    serving = ServingProvider(provider)
    # By another name it is another site: cookies of the same site alone do not come along from there.
    provider.url = provider.url.replace("127.0.0.1", "localhost")
    secret = root / "oidc.secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    port = free_port()
    settings = filled.settings(url=f"http://127.0.0.1:{port}", extra=settings_for(provider.url, str(secret)))
    settings = settings.model_copy(update={"console": settings.console.model_copy(update={"port": port})})
    parts = open_parts(settings, now=clock.now, hasher=QUICK)
    console, ready = Serving(parts), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(console.run(ready.set)))
    thread.start()
    assert ready.wait(60)
    yield settings.console.url, provider
    console.stop()
    thread.join()
    parts.close()
    serving.stop()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_somebody_logs_in_shows_again_who_he_is_and_logs_out_when_he_uses_a_browser(pair, scripts):
    url, provider = pair
    said = []
    with sync_playwright() as playwright:
        browser = launched(playwright)
        page = page_of(browser, url, scripts=scripts)
        page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
        page.goto("/board")
        if scripts:
            assert faults_of(page, "log-in at a provider") == []
        page.get_by_label("I have read this and agree").check()
        page.get_by_role("button", name="Log in at the county").click()
        page.wait_for_url(f"{url}/board")
        expect(page.get_by_role("heading", name="Board")).to_be_visible()
        page.goto("/again?to=/account")
        page.get_by_role("button", name="Show it at the county").click()
        page.wait_for_url(f"{url}/account")
        expect(page.get_by_text("You log in at a provider")).to_be_visible()
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url(f"{url}/login")
        assert provider.paths[-1] == "/end"
        page.goto("/board")
        assert page.url.startswith(f"{url}/login")
        browser.close()
    assert said == []
