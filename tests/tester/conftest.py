"""A trial in this process: the tester's hub, and beside it a portal that a test makes careless."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from idp import resources
from idp.adapters.browsers.loopback_server import serving
from idp.app import command_tools
from idp.cli.system import fresh_secrets
from idp.services.sign_in.suite_citizen import NATIONAL_ID
from idp.tester.api import caller_of
from idp.tester.plan import Plan
from idp.tester.start import find_start, learn_signed_in
from idp.tester.trial import Trial
from tests.free_ports import free_port
from tests.tester.careless_portal import Portal

PATIENCE = timedelta(seconds=4)
AUDIENCE = "https://records.example"
PASSWORD = "Bahar#1405x"


@dataclass
class Stage:
    """The trial, and the place where each test puts its portal."""

    trial: Trial
    secret: str
    callback: str
    app: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)

    def play(self, careless: Collection[str] = (), timeout: float | None = 2.0) -> None:
        """Put a new portal there."""
        self.app = Portal(
            self.trial.issuer,
            self.trial.client.client_id,
            self.secret,
            self.callback,
            careless,
            timeout,
        ).app()


def _settings(folder: Path, port: int) -> list[Path]:
    own = folder / "own.toml"
    own.write_text(
        f"""{fresh_secrets()}
folder = "{folder / "keys"}"
[server]
issuer = "http://127.0.0.1:{port}"
bind = "127.0.0.1:{port}"
runtime_folder = "{folder / "run"}"
[database]
url = "sqlite:///{folder / "hub.sqlite3"}"
[signin]
new_device_code = false
[protection]
proof_of_work = false
network_limits = false
""",
        "utf-8",
    )
    own.chmod(0o600)
    return [resources.settings_file("development"), own]


def _metadata(portal: str) -> dict[str, Any]:
    return {
        "client_id": "careless",
        "client_name": "سامانه بی‌دقت",
        "first_party": True,
        "client_uri": f"{portal}/",
        "redirect_uris": [f"{portal}/callback"],
        "backchannel_logout_uri": f"{portal}/logout",
        "scope": ["openid", "profile", "email"],
        # Its signatures cost little: this room plays some thousand sign-ins.
        "id_token_signed_response_alg": "ES256",
    }


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    port, portals_port = free_port(), free_port()
    portal = f"http://127.0.0.1:{portals_port}"
    folder = tmp_path_factory.mktemp("tester")
    tools = command_tools()
    settings = tools.settings(_settings(folder, port))
    tools.upgrade_database(settings, lambda _: None)
    hub = tools.open_hub(settings)
    for alg in ("RS256", "ES256"):
        hub.keys.promote(hub.keys.new(alg).kid, at_once=True)
    registered = hub.clients.register(_metadata(portal), officer="tests")
    hub.clients.register(caller_of(AUDIENCE), officer="tests")
    hub.put_suite_citizen(PASSWORD)
    plan = Plan(
        client=registered.client,
        start=f"{portal}/",
        port=port,
        user_name=NATIONAL_ID.value,
        password=PASSWORD,
        patience=PATIENCE,
        log=folder / "hub.log",
    )
    with tools.portal_trial(settings, plan) as trial:
        found = Stage(trial, registered.secret or "", f"{portal}/callback")
        with serving(found, portals_port):
            found.play()
            find_start(trial)
            trial.signed_in = learn_signed_in(trial)
            yield found


@pytest.fixture
def trial(stage: Stage) -> Callable[..., Trial]:
    """Return the trial of a portal that is careless about these things."""

    def begun(*careless: str, timeout: float | None = 2.0) -> Trial:
        stage.play(careless, timeout)
        return stage.trial

    return begun
