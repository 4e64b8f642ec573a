"""What the proxy answers by itself: with the headers of the hub's pages, and in words."""

import socket
import ssl
from collections.abc import Callable, Iterator
from http.client import HTTPResponse

import pytest
from playwright.sync_api import Browser, expect

from tests.deploy.deployment import Deployment

pytestmark = pytest.mark.slow

OF_EVERY_PAGE = (
    "Content-Security-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
    "Strict-Transport-Security",
    "Cache-Control",
)
OF_TLS = "Strict-Transport-Security"
"""RFC 6797 7.2: not over plain http."""
BOMB = "".join(f"Cookie: planted{number}={'x' * 4000}\r\n" for number in range(5))
LARGE = f"Cookie: planted={'x' * 70000}\r\n"
Ask = Callable[..., tuple[HTTPResponse, str]]


def request(line: str, more: str = "", host: str = "Host: localhost\r\n") -> bytes:
    return f"{line}\r\n{host}{more}Connection: close\r\n\r\n".encode()


def answer_on(line: socket.socket, sent: bytes) -> tuple[HTTPResponse, str]:
    line.sendall(sent)
    answer = HTTPResponse(line)
    answer.begin()
    return answer, answer.read().decode()


@pytest.fixture(scope="module")
def ask(deployment: Deployment) -> Ask:
    """Send these bytes to a port over TLS; return the answer and its body."""
    context = ssl.create_default_context(cafile=str(deployment.certificate))

    def send(sent: bytes, port: int = deployment.proxy) -> tuple[HTTPResponse, str]:
        with (
            socket.create_connection(("localhost", port), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as line,
        ):
            return answer_on(line, sent)

    return send


@pytest.fixture(scope="module")
def alone(deployment: Deployment) -> Iterator[int]:
    """The port of a proxy whose hub does not answer."""
    with deployment.without_hub() as address:
        yield int(address.rpartition(":")[2])


def counted(answer: HTTPResponse) -> dict[str, int]:
    """Return how often each header of every page came."""
    return {name: len(answer.headers.get_all(name, [])) for name in OF_EVERY_PAGE}


ONCE = dict.fromkeys(OF_EVERY_PAGE, 1)
ITS_OWN = {
    "no host": (request("GET /login HTTP/1.1", host=""), 400),
    "no method": (request("TRACE /login HTTP/1.1"), 405),
    "a body too large": (request("POST /login HTTP/1.1", "Content-Length: 99999\r\n"), 413),
    "an address too long": (request(f"GET /{'a' * 70000} HTTP/1.1"), 414),
    "cookies too many": (request("GET /login HTTP/1.1", BOMB), 431),
    "a line of cookies too long": (request("GET /login HTTP/1.1", LARGE), 431),
    "a coding that it lacks": (request("POST / HTTP/1.1", "Transfer-Encoding: gzip\r\n"), 501),
    "a version that it lacks": (request("GET / HTTP/7.0"), 505),
    "an address that the hub's server refuses": (request(f"GET /{'a' * 9000} HTTP/1.1"), 414),
}


@pytest.mark.parametrize(("sent", "status"), ITS_OWN.values(), ids=ITS_OWN)
def test_an_error_of_the_proxy_has_the_headers_of_every_page(ask: Ask, sent, status):
    answer, _ = ask(sent)
    assert (answer.status, counted(answer)) == (status, ONCE)


@pytest.mark.parametrize("path", ["/login", "/oauth2/token", "/static/hub.css", "/static/none"])
def test_so_has_what_it_says_while_no_hub_answers(ask: Ask, alone: int, path):
    answer, _ = ask(request(f"GET {path} HTTP/1.1"), alone)
    assert counted(answer) == ONCE


def test_a_form_that_no_hub_takes_gets_the_page_of_maintenance(ask: Ask, alone: int):
    answer, page = ask(request("POST /login HTTP/1.1", "Content-Length: 0\r\n"), alone)
    assert (answer.status, answer.getheader("Retry-After")) == (503, "60")
    assert "سامانه در حال به\u200cروزرسانی است" in page


@pytest.mark.parametrize("path", ["/login", "/nothing", "/oauth2/token", "/account"])
def test_the_hubs_own_headers_come_once(ask: Ask, path):
    answer, _ = ask(request(f"GET {path} HTTP/1.1"))
    assert counted(answer) == ONCE


@pytest.mark.parametrize("sent", [request("GET / HTTP/1.1"), request("GET / HTTP/1.1", host="")])
def test_the_plain_port_has_all_but_the_one_for_tls(deployment: Deployment, sent):
    with socket.create_connection(("localhost", deployment.plain), timeout=20) as line:
        answer, _ = answer_on(line, sent)
    assert counted(answer) == ONCE | {OF_TLS: 0}


@pytest.mark.parametrize("cookies", [BOMB, LARGE], ids=["many", "large"])
def test_attack_X15_whoever_has_too_many_cookies_is_told_so(ask: Ask, cookies):
    _, page = ask(request("GET /login HTTP/1.1", cookies))
    assert "کوکی\u200cهای بسیار بزرگی" in page


def test_attack_X15_so_is_whoever_sends_a_form(ask: Ask):
    answer, page = ask(request("POST /login HTTP/1.1", f"Content-Length: 0\r\n{BOMB}"))
    assert answer.status == 431
    assert "کوکی\u200cهای بسیار بزرگی" in page


@pytest.mark.parametrize("path", ["/-/maintenance", "/-/cookies"])
def test_nobody_asks_for_these_pages_by_their_address(ask: Ask, path):
    answer, _ = ask(request(f"GET {path} HTTP/1.1"))
    assert answer.status == 404


def test_attack_X15_in_english_where_the_browser_reads_that_alone(ask: Ask):
    english = "Accept-Language: en-GB,en;q=0.9\r\n"
    _, page = ask(request("GET /login HTTP/1.1", english + BOMB))
    assert 'lang="en"' in page


@pytest.mark.parametrize("cookies", [BOMB, LARGE], ids=["many", "large"])
def test_attack_X15_and_is_rid_of_them(ask: Ask, cookies):
    answer, _ = ask(request("GET /login HTTP/1.1", cookies))
    assert answer.getheader("Clear-Site-Data") == '"cookies"'


def test_attack_X15_the_page_has_its_looks(ask: Ask):
    answer, _ = ask(request("GET /static/hub.css HTTP/1.1", BOMB))
    assert answer.status == 200


def test_attack_X15_on_the_plain_port_too_tls_tells(deployment: Deployment):
    with socket.create_connection(("localhost", deployment.plain), timeout=20) as line:
        answer, _ = answer_on(line, request("GET /login HTTP/1.1", LARGE))
    assert (answer.status, answer.getheader("Location")) == (302, "https://localhost/")


@pytest.mark.parametrize("length", [8000, 15000, 60000, 70000])
def test_an_address_too_long_takes_no_cookies_away(ask: Ask, length):
    """Any site can lead here by one: it must sign nobody out."""
    more = f"Cookie: a={'x' * 4000}\r\nReferer: https://other.example/{'x' * 4000}\r\n"
    answer, _ = ask(request(f"GET /{'a' * length} HTTP/1.1", more))
    assert answer.getheader("Clear-Site-Data") is None


def test_nor_does_another_line_that_is_too_long_for_the_hub(ask: Ask):
    answer, _ = ask(request("GET /login HTTP/1.1", f"Referer: {'x' * 20000}\r\n"))
    assert (answer.status, answer.getheader("Clear-Site-Data")) == (431, None)


@pytest.mark.parametrize("count", [10, 170])
def test_attack_X15_chromium_gets_in_again_over_http2(
    deployment: Deployment, chromium: Browser, count
):
    """Where nginx finds a request too large before it has read it, it hangs up."""
    with chromium.new_context(ignore_https_errors=True, locale="fa-IR") as context:
        context.add_cookies(
            [
                {"name": f"planted{number}", "value": "x" * 4000, "url": deployment.hub}
                for number in range(count)
            ]
        )
        page = context.new_page()
        page.goto(f"{deployment.hub}/login")
        expect(page.get_by_role("main")).to_contain_text("کوکی\u200cهای بسیار بزرگی")
        page.get_by_role("main").get_by_role("link").click()
        expect(page.get_by_role("heading", name="ورود")).to_be_visible()
