"""The files of config/deploy, run: a citizen signs in over TLS, and nothing is lost on the way."""

import re
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
import requests
from requests.adapters import BaseAdapter

from idp.web.server_limits import GRACE_SECONDS
from tests.architecture.sources import ROOT
from tests.deploy.deployment import CALLBACK, Deployment
from tests.deploy.portal import tokens_of
from tests.e2e.citizens import Citizen
from tests.e2e.demo import eventually
from tests.e2e.people import person
from tests.e2e.walk import Walk
from tests.free_ports import free_port

pytestmark = pytest.mark.slow


@dataclass
class Load:
    """Asks the same again and again from four threads; ``failures`` are answers that were none."""

    ask: Callable[[], None]
    answered: int = 0
    failures: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator["Load"]:
        threads = [threading.Thread(target=self._work) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.over.set()
            for thread in threads:
                thread.join()

    def _work(self) -> None:
        while not self.over.is_set():
            try:
                self.ask()
                self.answered += 1
            except (OSError, HTTPException, AssertionError) as error:
                self.failures.append(repr(error))


class Portal(BaseAdapter):
    """What the portal's address is, which is none: ``got`` is the last that a browser asked for."""

    got = ""

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        self.got = request.url or ""
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, self.got, request
        answer.raw = BytesIO()
        return answer

    def close(self) -> None:
        """Nothing was opened."""


class Session(requests.Session):
    """Goes wherever the hub sends it; ``portal_got`` is the address that led there."""

    def __init__(self) -> None:
        super().__init__()
        self.portal = Portal()
        self.mount(CALLBACK, self.portal)

    @property
    def portal_got(self) -> str:
        return self.portal.got


def trusting(hub: Deployment) -> Walk:
    walk = Walk()
    walk.session = Session()
    walk.session.headers["Connection"] = "close"
    walk.session.verify = str(hub.certificate)
    walk.session.trust_env = False  # a bundle that the environment names would come first
    return walk


def over_tls(hub: Deployment, source: str = "127.0.0.1") -> HTTPSConnection:
    context = ssl.create_default_context(cafile=hub.certificate)
    address = (source, 0)
    return HTTPSConnection(
        "localhost", hub.proxy, timeout=20, context=context, source_address=address
    )


def citizen_of(hub: Deployment, persona: str) -> Citizen:
    citizen = Citizen(hub, person(persona), trusting(hub))
    citizen.register()
    return citizen


def ask_for_sign_in(port: int) -> None:
    line = HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", "/login", headers={"Host": "localhost"})
    answer = line.getresponse()
    assert answer.status == 200
    answer.read()
    line.close()


def children_of(pid: int) -> set[str]:
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def are_up(pid: int, count: int) -> bool:
    """Return whether so many web processes listen to signals: each catches SIGABRT by then."""
    told = [Path(f"/proc/{child}/status").read_text() for child in children_of(pid)]
    caught = [int(re.search(r"SigCgt:\s*(\S+)", one)[1], 16) for one in told]
    return len([one for one in caught if one >> (signal.SIGABRT - 1) & 1]) == count


def logins_in(log: str) -> list[str]:
    return [line for line in log.splitlines() if "/login" in line]


def test_a_citizen_registers_signs_in_and_a_portal_learns_who_came(deployment: Deployment):
    registered = deployment.idp("clients", "apply", "clients")
    secret = re.search(r"my-portal +(\S{43})", registered)[1]
    citizen = citizen_of(deployment, "ok_male")
    token = tokens_of(deployment, citizen, secret)
    session = citizen.walk.session
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    claims = session.get(f"{deployment.hub}/oauth2/userinfo", headers=bearer, timeout=20).json()

    assert claims["name"] == "محمد رضا احمدی\N{ZERO WIDTH NON-JOINER}نژاد"
    assert all(cookie.secure and cookie.name.startswith("__Host-") for cookie in session.cookies)
    assert {"__Host-session", "__Host-browser"} <= set(session.cookies.keys())


def test_browsers_are_told_to_stay_with_tls(deployment: Deployment):
    answer = trusting(deployment).session.get(f"{deployment.hub}/login", timeout=20)
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]
    assert "nginx/" not in answer.headers["Server"]


def test_the_proxy_compresses_styles_and_scripts(deployment: Deployment):
    encodings = {}
    for path in ("/static/hub.css", "/static/js/typing.js", "/static/fonts/vazirmatn.woff2"):
        connection = over_tls(deployment)
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        encodings[path] = connection.getresponse().getheader("Content-Encoding")
        connection.close()
    assert list(encodings.values()) == ["gzip", "gzip", None]


@pytest.fixture(scope="module")
def proxy_alone(deployment: Deployment) -> Iterator[str]:
    """The address of a proxy whose hub does not answer."""
    with deployment.without_hub() as address:
        yield address


def test_while_no_hub_answers_the_proxy_shows_the_page_of_maintenance(deployment, proxy_alone):
    answer = trusting(deployment).session.get(f"{proxy_alone}/login", timeout=20)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "سامانه در حال به\u200cروزرسانی است" in answer.text


def test_the_page_of_maintenance_is_in_the_language_that_was_chosen(deployment, proxy_alone):
    chosen = {"Cookie": "__Host-language=en"}
    answer = trusting(deployment).session.get(f"{proxy_alone}/", headers=chosen, timeout=20)
    assert "We are updating the service" in answer.text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/static/hub.css", "text/css"),
        ("/static/js/forms.js", "text/javascript"),
        ("/static/mark.svg", "image/svg+xml"),
        ("/static/fonts/vazirmatn.woff2", "font/woff2"),
    ],
)
def test_the_page_of_maintenance_has_what_it_is_made_of(deployment, proxy_alone, path, kind):
    answer = trusting(deployment).session.get(f"{proxy_alone}{path}", timeout=20)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == kind


def test_while_no_hub_answers_a_program_is_told_in_the_terms_of_oauth(deployment, proxy_alone):
    answer = trusting(deployment).session.post(f"{proxy_alone}/oauth2/token", timeout=20)
    assert answer.status_code == 503
    assert answer.json() == {"error": "temporarily_unavailable"}


def test_a_machine_closed_by_its_administrator_says_so_through_the_proxy(deployment):
    deployment.idp("maintenance", "begin", "--minutes", "30")
    try:
        answer = trusting(deployment).session.get(f"{deployment.hub}/login", timeout=20)
    finally:
        deployment.idp("maintenance", "end")
    assert answer.status_code == 503
    assert "از این زمان دوباره در دسترس است" in answer.text


def test_plain_http_leads_to_tls(deployment: Deployment):
    line = HTTPConnection("127.0.0.1", deployment.plain, timeout=20)
    line.request("GET", "/login", headers={"Host": "localhost"})
    answer = line.getresponse()
    line.close()
    assert answer.status == 301
    assert answer.headers["Location"] == "https://localhost/login"


def test_every_part_is_well(deployment: Deployment):
    said = deployment.idp("check")
    assert " no " not in said
    assert "redis" in said


def test_a_network_is_the_visitors_own_whatever_is_claimed(deployment: Deployment):
    limit = 120  # of requests that no client of ours can have sent

    def status(source: str, claimed: str) -> int:
        line = over_tls(deployment, source)
        line.request("GET", "/oauth2/authorize", headers={"X-Forwarded-For": claimed})
        answer = line.getresponse()
        line.close()
        return answer.status

    answers = [status("127.0.0.2", f"10.0.0.{number % 250}") for number in range(limit + 5)]
    assert answers[-1] == 429
    assert status("127.0.0.3", "127.0.0.2") == 400


def test_the_proxys_log_holds_no_query(deployment: Deployment):
    trusting(deployment).open(f"{deployment.hub}/login?context=a-sealed-request")
    written = eventually(
        lambda: logins_in(deployment.access_log.read_text("utf-8")) or None,
        what="a line of the log",
    )
    assert "a-sealed-request" not in "\n".join(written)


def test_a_new_key_is_published_without_a_restart(deployment: Deployment):
    kid = deployment.idp("keys", "new", "--alg", "ES256").split()[0]
    session = trusting(deployment).session

    def is_published() -> bool:
        keys = session.get(f"{deployment.hub}/oauth2/jwks", timeout=20).json()["keys"]
        return kid in {key["kid"] for key in keys}

    eventually(lambda: is_published() or None, what="the new key in the key set")


def test_every_process_reports_a_new_key_within_seconds(deployment: Deployment):
    kid = deployment.idp("keys", "new", "--alg", "PS256").split()[0]
    with psycopg.connect(deployment.database_url.replace("+psycopg", "")) as connection:
        reading = "SELECT count(*) FROM key_reports WHERE published::text LIKE %s"

        def reporting() -> int:
            connection.rollback()
            return connection.execute(reading, [f"%{kid}%"]).fetchone()[0]

        # Two web processes, one worker, and what the command found in the folder.
        eventually(lambda: reporting() >= 4 or None, what="a report of every process")


def test_a_reload_under_load_answers_every_request(deployment: Deployment):  # fault F02
    port = free_port()

    with deployment.web(port) as process, Load(lambda: ask_for_sign_in(port)).running() as load:
        eventually(lambda: load.answered > 50 or None, what="answers under load")
        before = children_of(process.pid)
        process.send_signal(signal.SIGHUP)
        eventually(
            lambda: before.isdisjoint(children_of(process.pid)) or None, what="new web processes"
        )

    assert load.failures == []


def test_a_server_told_to_stop_is_gone_within_its_grace(deployment: Deployment):  # fault F02
    port = free_port()
    with deployment.web(port) as process:
        eventually(lambda: are_up(process.pid, 2) or None, what="web processes")
        for _ in range(2):  # one that still imports the hub stops when it has
            ask_for_sign_in(port)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=GRACE_SECONDS) == 0


UNITS = [
    "tamin-account.service",
    "tamin-account.socket",
    "tamin-account-worker@.service",
    "tamin-account-audit.service",
    "tamin-account-audit.timer",
]
PROGRAM = re.compile(r"/opt/tamin-account[a-z-]*/bin/[a-z-]+")


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_says_nothing_that_systemd_does_not_know(unit: str, tmp_path):
    for file in (ROOT / "config" / "deploy").glob("*.[st]*"):  # a socket names its service
        if file.suffix in {".service", ".socket", ".timer"}:
            text = PROGRAM.sub("/bin/true", file.read_text("utf-8"))
            (tmp_path / file.name).write_text(text, "utf-8")
    try:
        done = subprocess.run(
            ["systemd-analyze", "verify", tmp_path / unit],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("systemd-analyze is not installed")
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_attack_D16_half_sent_requests_end_at_the_proxy(deployment):
    """More lines than the hub has threads, each with half a header and half a body."""
    context = ssl.create_default_context(cafile=str(deployment.certificate))
    halves = (
        b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        b"POST /oauth2/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\na=",
    )
    with ExitStack() as lines:
        for half in halves * 20:
            plain = socket.create_connection(("localhost", deployment.proxy), timeout=10)
            line = lines.enter_context(context.wrap_socket(plain, server_hostname="localhost"))
            line.sendall(half)
        assert_answers(deployment)


def test_attack_D16_thousands_of_slow_lines_keep_nobody_out(deployment):
    """More than two processes of nginx hold if nothing is set; each has begun its handshake."""
    with ExitStack() as lines:
        for _ in range(1500):
            line = socket.create_connection(("localhost", deployment.proxy), timeout=10)
            lines.enter_context(line).sendall(b"\x16\x03\x01\x02\x00")
        assert_answers(deployment)


def assert_answers(deployment: Deployment) -> None:
    """A page, a document and the health check come in time."""
    for path in ("/login", "/oauth2/jwks", "/alive"):
        asked = over_tls(deployment)
        asked.timeout = 5
        asked.request("GET", path)
        assert asked.getresponse().status == 200
        asked.close()
