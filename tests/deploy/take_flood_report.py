"""``make flood-report``: writes docs/generated/flood.md. Pytest runs it where it is named."""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.architecture.sources import ROOT
from tests.deploy.conftest import deployment
from tests.deploy.deployment import Deployment
from tests.deploy.flood import Answer, Line, flood, times_of
from tests.deploy.portal import CLIENT_ID, tokens_of
from tests.deploy.test_deployment import citizen_of
from tests.free_ports import free_port

__all__ = ["deployment"]

TIMES = int(os.environ.get("TIMES", "300"))
STRANGERS = int(os.environ.get("STRANGERS", "16"))
WARM_UP_SECONDS = 3
"""Until every stranger has a page; the visitor's line would be closed after 5 idle ones."""
QUIET_NETWORK = "5.200.1.1"
HASHES_ALONE = "[protection]\nproof_of_work = false\n"
REPORT = ROOT / "docs" / "generated" / "flood.md"


@dataclass
class Quiet:
    """Everybody else: a portal with its tokens, and a citizen who wants the sign-in page."""

    port: int
    secret: str
    tokens: dict[str, str]
    line: Line = field(init=False)

    def __post_init__(self) -> None:
        self.line = Line(self.port, QUIET_NETWORK)

    def keys(self) -> Answer:
        return self.line.send("/oauth2/jwks")

    def refresh(self) -> Answer:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.tokens["refresh_token"],
            "client_id": CLIENT_ID,
            "client_secret": self.secret,
        }
        answer = self.line.send("/oauth2/token", form)
        self.tokens.update(answer.json())
        return answer

    def userinfo(self) -> Answer:
        bearer = f"Bearer {self.tokens['access_token']}"
        return self.line.send("/oauth2/userinfo", Authorization=bearer)

    def sign_in_page(self) -> Answer:
        return self.line.send("/login")

    def asked(self) -> Mapping[str, Callable[[], Answer]]:
        return {
            "`GET /oauth2/jwks`": self.keys,
            "`POST /oauth2/token` (refresh)": self.refresh,
            "`GET /oauth2/userinfo`": self.userinfo,
            "`GET /login`": self.sign_in_page,
        }


def test_take_the_report(deployment: Deployment):
    secret, tokens = _tokens(deployment)
    lines = list(_head())
    for title, settings in (("As it ships", ""), ("No proof of work", HASHES_ALONE)):
        own = deployment.folder / "own.toml"
        own.write_text(own.read_text("utf-8") + settings, "utf-8")
        port = free_port()
        with deployment.web(port):
            quiet = Quiet(port, secret, tokens)
            lines += ["", f"## {title}", "", *_measured(quiet)]
            quiet.line.close()
    REPORT.write_text("\n".join(lines) + "\n", "utf-8")


def _tokens(hub: Deployment) -> tuple[str, dict[str, str]]:
    """Register a portal and a citizen; return the portal's secret, and tokens."""
    file = hub.folder / "clients" / "my-portal.toml"
    text = file.read_text("utf-8").replace('_code"]', '_code", "refresh_token"]')
    file.write_text(text.replace('"profile"]', '"profile", "offline_access"]'), "utf-8")
    secret = re.search(r"my-portal +(\S{43})", hub.idp("clients", "apply", "clients"))[1]
    citizen = citizen_of(hub, "ok_male")
    return secret, tokens_of(hub, citizen, secret, "openid profile offline_access")


def _head() -> Iterator[str]:
    yield "# What a flood of passwords does to everybody else"
    yield ""
    yield f"`make flood-report`: {STRANGERS} strangers of ever new networks try passwords at"
    yield "ever new national IDs as fast as they can, at a hub as `config/deploy` has it (two web"
    yield "processes, PostgreSQL, Redis, argon2id as it ships), while one visitor asks for what"
    yield f"needs no hash, {TIMES} times each. All of it, strangers included, ran on the"
    yield f"{os.cpu_count()} cores of one machine. Times are milliseconds: median, 95th percentile,"
    yield "longest."


def _measured(quiet: Quiet) -> Iterator[str]:
    calm = {name: times_of(ask, TIMES) for name, ask in quiet.asked().items()}
    begun = time.monotonic()
    with flood(quiet.port, STRANGERS) as answers:
        time.sleep(WARM_UP_SECONDS)
        flooded = {name: times_of(ask, TIMES) for name, ask in quiet.asked().items()}
    seconds = time.monotonic() - begun
    told = [f"{count / seconds:.0f} of {status}" for status, count in sorted(answers.items())]
    yield f"Password tries a second, by answer: {', '.join(told)}."
    yield ""
    yield "| asked | calm | in the flood |"
    yield "|---|---|---|"
    for name, took in calm.items():
        yield f"| {name} | {_three(took)} | {_three(flooded[name])} |"


def _three(took: list[float]) -> str:
    return f"{took[len(took) // 2]:.0f}, {took[len(took) * 95 // 100]:.0f}, {took[-1]:.0f}"
