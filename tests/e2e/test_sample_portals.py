"""The portal without a server and the API, as the demo runs them, and a portal of one's own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.e2e.citizens import Citizen
from tests.e2e.demo import ROOT, Demo, eventually, running_demo
from tests.e2e.people import person
from tests.free_ports import free_ports

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGE, API = 3, 4
COMMAND = re.compile(r"^    (\.venv/bin/.+)$", re.MULTILINE)
DOCUMENTS = ("README.md", "docs/integrate/develop.md")


@dataclass
class Visitor:
    """A citizen at the portal without a server, in Chromium."""

    demo: Demo
    citizen: Citizen
    page: Page

    def sign_in(self) -> None:
        """Sign in by the portal's button and the hub's pages."""
        self.page.goto(self.demo.portal(PAGE))
        self.page.click("#sign-in")
        self.page.fill("[name=username]", self.citizen.person.national_id)
        self.page.fill("[name=password]", self.citizen.person.password)
        self.page.press("[name=password]", "Enter")
        mobile = self.citizen.person.mobile
        self.page.wait_for_selector("[name=code]")
        self.page.fill("[name=code]", self.demo.code(mobile, for_what="ورود"))
        self.page.press("[name=code]", "Enter")
        self.page.wait_for_url("**/consent**")
        self.page.click("main form button >> nth=0")
        self.page.wait_for_selector("#signed-in:visible")

    def stored(self) -> Any:
        """Return what the library keeps in this tab: its tokens."""
        user = f"oidc.user:{self.demo.hub}:pension-estimate"
        return self.page.evaluate("name => JSON.parse(sessionStorage.getItem(name))", user)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo") / "own") as started:
        yield started


@pytest.fixture(scope="module")
def citizen(demo: Demo) -> Citizen:
    registered = Citizen(demo, person("ok_male"))
    registered.register()
    return registered


@pytest.fixture
def visitor(demo: Demo, citizen: Citizen, chromium: Browser) -> Iterator[Visitor]:
    context = chromium.new_context()
    context.set_default_timeout(20_000)
    yield Visitor(demo, citizen, context.new_page())
    context.close()


def asked(demo: Demo, path: str, token: str | None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(f"{demo.portal(API)}/{path}", headers=headers, timeout=10)


def test_the_page_shows_what_the_api_tells_and_forgets_it_at_sign_out(visitor: Visitor):
    visitor.sign_in()
    assert visitor.page.inner_text("#name") == "محمد رضا احمدی‌نژاد"
    assert re.fullmatch("[۰-۹]+", visitor.page.inner_text("#months"))
    visitor.page.click("#certify")
    visitor.page.wait_for_selector("#certificate:has-text('صادر شد')")
    visitor.page.reload()
    visitor.page.wait_for_selector("#signed-in:visible")
    visitor.page.click("#sign-out")
    visitor.page.wait_for_url("**/goodbye**")
    visitor.page.wait_for_selector("#gone:visible")
    assert visitor.stored() is None


def test_the_api_takes_tokens_for_itself_alone(visitor: Visitor):
    visitor.sign_in()
    kept = visitor.stored()
    assert asked(visitor.demo, "contributions", kept["access_token"]).ok
    assert asked(visitor.demo, "contributions", kept["id_token"]).status_code == 401
    userinfo = f"{visitor.demo.hub}/oauth2/userinfo"
    headers = {"Authorization": f"Bearer {kept['access_token']}"}
    assert requests.get(userinfo, headers=headers, timeout=10).status_code == 401


def test_what_needs_certainty_is_refused_after_a_revocation(visitor: Visitor):
    visitor.sign_in()
    token = visitor.stored()["access_token"]
    form = {"client_id": "pension-estimate", "token": token}
    assert requests.post(f"{visitor.demo.hub}/oauth2/revoke", data=form, timeout=10).ok
    assert asked(visitor.demo, "contributions/certificate", token).status_code == 401
    assert asked(visitor.demo, "contributions", token).ok  # until it expires: ten minutes


@pytest.mark.parametrize("token", [None, "x", "x.y.z", "eyJhbGciOiJub25lIn0.e30."])
def test_the_api_says_that_it_needs_a_token(demo: Demo, token: str | None):
    refused = asked(demo, "contributions", token)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer ")


def commands() -> list[str]:
    """Return each command of the documents for developers once, in their order."""
    found = [one for name in DOCUMENTS for one in COMMAND.findall((ROOT / name).read_text("utf-8"))]
    return list(dict.fromkeys(found))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the checkout is for somebody who types: files, and a demo to come."""
    for name in ("clients", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    (tmp_path / "var").mkdir(mode=0o700)
    return tmp_path


def test_every_command_of_the_documents_works_as_it_stands_beside_the_demo(folder: Path):
    demo = Demo(folder / "var" / "demo", free_ports())
    demo.start()
    try:
        run_all(folder, demo.hub)
    finally:
        demo.stop()


def run_all(folder: Path, issuer: str) -> None:
    typed, served = commands(), ".venv/bin/python -m clients.portals my-portal"
    assert served in typed
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    secret = ""
    for one in typed:
        if one == served:
            own = {"PORTAL_ISSUER": issuer, "PORTAL_PORT": str(free_ports())}
            assert serves(folder, variables | own, secret), one
            continue
        done = subprocess.run(
            one.split(), cwd=folder, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (one, done.stderr)
        assert "the demo in var/demo" in done.stderr
        if "register" in one:
            secret = done.stdout.split()[-1]


def serves(folder: Path, variables: dict[str, str], secret: str) -> bool:
    """Return whether the portal leads to the hub's login page, by an address of localhost."""
    portal = subprocess.Popen(
        [".venv/bin/python", "-m", "clients.portals", "my-portal"],
        cwd=folder,
        env=variables,
        stdin=subprocess.PIPE,
    )
    assert portal.stdin
    portal.stdin.write(f"{secret}\n".encode())
    portal.stdin.close()
    try:
        address = f"http://localhost:{variables['PORTAL_PORT']}/"
        found = eventually(lambda: came_to(address), what="a portal that leads to the hub")
    finally:
        portal.terminate()
        portal.wait(timeout=10)
    return "/login" in found


def came_to(address: str) -> str | None:
    """Return where a visitor comes to; None while nobody serves the address."""
    try:
        return requests.get(address, timeout=10).url
    except requests.RequestException:
        return None
