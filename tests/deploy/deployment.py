"""The hub as config/deploy has it: wheel, PostgreSQL, Redis, gunicorn, worker, nginx with TLS."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.architecture.sources import ROOT
from tests.e2e.demo import code_in, eventually
from tests.free_ports import free_port
from tests.simulators.sms import API_KEY, SENDER, KavenegarHandler

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
LOCALHOST = x509.DNSName("localhost")
CONNECTIONS = re.compile(r"^worker_rlimit_nofile .*?\n\}\n", re.DOTALL | re.MULTILINE)
UPSTREAM = re.compile(r"upstream hub \{.*?\n\}\n", re.DOTALL)
CALLBACK = "https://portal.tamin.example/callback"
CLIENT = """\
client_id = "my-portal"
client_name = "سامانه آزمایشی"
first_party = true
redirect_uris = ["{callback}"]
token_endpoint_auth_method = "client_secret_post"
grant_types = ["authorization_code"]
scope = ["openid", "profile"]
"""


@dataclass
class Deployment:
    """A hub in production: where it answers, and the phones that it writes to."""

    folder: Path
    python: Path
    """Of the environment that has the wheel."""
    database_url: str
    redis_url: str
    gateway: KavenegarHandler
    gateway_url: str
    port: int = field(default_factory=free_port)
    proxy: int = field(default_factory=free_port)
    plain: int = field(default_factory=free_port)
    portals: int = field(default_factory=free_port)
    """Where programs come with a certificate."""
    secrets: set[str] = field(default_factory=set)

    @property
    def hub(self) -> str:
        """The issuer: the proxy's address."""
        return f"https://localhost:{self.proxy}"

    @property
    def certificate(self) -> Path:
        """The certificate that visitors trust."""
        return self.folder / "fullchain.pem"

    @property
    def access_log(self) -> Path:
        """What the proxy writes down."""
        return self.folder / "access.log"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process of the hub."""
        names = (ROOT / "config" / "production.example.toml", "secrets.toml", "own.toml")
        return {
            "PATH": os.environ["PATH"],
            "IDP_CONFIG": os.pathsep.join(str(self.folder / name) for name in names),
            "IDP_OFFICER": "tests",
        }

    def idp(self, *words: object) -> str:
        """Run a command of the wheel, which must succeed; return what it printed."""
        done = subprocess.run(
            [self.python.with_name("idp"), *map(str, words)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def install(self) -> None:
        """Do what docs/operate/install.md says before the first start."""
        (self.folder / "own.toml").write_text(self._own_settings(), "utf-8")
        (self.folder / "own.toml").chmod(0o600)
        (self.folder / "secrets.toml").touch(mode=0o600)
        (self.folder / "secrets.toml").write_text(self.idp("secrets"), "utf-8")
        self.idp("db", "upgrade")
        self.idp("keys", "promote", self.idp("keys", "new").split()[0])
        self.idp("registry", "import", ROOT / "idp" / "demo" / "people.csv")
        self.idp("maintenance", "write", self.folder / "pages")
        (self.folder / "clients").mkdir()
        (self.folder / "clients" / "my-portal.toml").write_text(CLIENT.format(callback=CALLBACK))
        write_certificate(self.certificate, self.folder / "key.pem")
        write_certificate(self.folder / "portals-ca.pem", self.folder / "portal-key.pem")

    @contextmanager
    def running(self) -> Iterator["Deployment"]:
        """Run web processes, one worker and the proxy."""
        with ExitStack() as stack:
            stack.enter_context(self.web(self.port))
            stack.enter_context(self._process("worker", [self.python.with_name("idp"), "worker"]))
            stack.enter_context(self._proxy(self.proxy, self.port))
            eventually(lambda: self._answers() or None, what=f"the proxy: {self.folder}")
            yield self

    @contextmanager
    def without_hub(self) -> Iterator[str]:
        """Run a proxy whose hub does not answer; yield its address."""
        with self.proxy_of(free_port()) as address:
            yield address

    @contextmanager
    def proxy_of(self, *hubs: int) -> Iterator[str]:
        """Run a proxy before whatever listens on these ports; yield its address."""
        port = free_port()
        with self._proxy(port, *hubs):
            eventually(lambda: listens(port) or None, what=f"the proxy: {self.folder}")
            yield f"https://localhost:{port}"

    def _proxy(self, port: int, *hubs: int) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        return self._process(f"nginx-{port}", [NGINX, "-c", self._nginx_settings(port, *hubs)])

    @contextmanager
    def web(self, port: int) -> Iterator["subprocess.Popen[bytes]"]:
        """Run gunicorn with the options of config/gunicorn.conf.py, as the wheel brings them."""
        options = next(self.python.parent.parent.glob("lib/python*/site-packages/idp/_config"))
        command = [self.python, "-m", "gunicorn", "-c", options / "gunicorn.conf.py"]
        app = "idp.app:wsgi_application()"
        with self._process(f"web-{port}", [*command, app], f"127.0.0.1:{port}") as process:
            eventually(lambda: listens(port) or None, what=f"gunicorn: {self.folder}")
            yield process

    def code(self, mobile: str, *, for_what: str) -> str:
        """Wait for a code to the phone, and return the newest one that says what it is for."""
        return code_in(lambda: self.texts(mobile), self.secrets, for_what)

    def text(self, mobile: str, containing: str) -> str:
        """Wait for a message to the phone with these words."""
        return eventually(
            lambda: next((text for text in self.texts(mobile) if containing in text), None),
            what=f"a message with «{containing}»",
        )

    def texts(self, mobile: str) -> list[str]:
        """Return the messages that a phone got, the newest first."""
        taken = list(self.gateway.taken.values())
        return [text for to, text in reversed(taken) if to.endswith(mobile[1:])]

    def _answers(self) -> bool:
        with suppress(requests.RequestException), requests.Session() as session:
            session.trust_env = False
            return session.get(f"{self.hub}/alive", verify=str(self.certificate), timeout=5).ok
        return False

    @contextmanager
    def _process(
        self, name: str, command: list[object], bind: str = ""
    ) -> Iterator["subprocess.Popen[bytes]"]:
        extra = {"IDP__SERVER__BIND": bind} if bind else {}
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=self.folder,
                env=self.environment | extra,
                stdout=log,
                stderr=log,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)

    def _own_settings(self) -> str:
        """Return what differs from config/production.example.toml on this machine."""
        return f"""
[server]
issuer = "{self.hub}"
trusted_hosts = ["localhost"]
insecure = ["guide_to_the_letter"]
processes = 2
runtime_folder = "{self.folder / "run"}"
[database]
url = "{self.database_url}"
[redis]
url = "{self.redis_url}"
[keys]
folder = "{self.folder / "keys"}"
[registry]
kind = "embedded"
[sms]
gateways = ["kavenegar"]
[sms.kavenegar]
url = "{self.gateway_url}/v1"
api_key = "{API_KEY}"
sender = "{SENDER}"
[signin]
new_device_code = false
"""

    def _nginx_settings(self, port: int, hub: int, *more: int) -> Path:
        """Write config/deploy/nginx.conf with other names, ports and files, and what is around."""
        files = [ROOT / "config" / "deploy" / f"{name}.conf" for name in ("nginx", "nginx-portals")]
        general, portals = (file.read_text("utf-8") for file in files)
        own = self.portals if port == self.proxy else free_port()
        site = general + portals.replace("listen 443", f"listen 127.0.0.1:{own}").replace(
            "portals.account.tamin.ir", "localhost"
        )
        for old, new in (
            ("account.tamin.ir", "localhost"),
            ("127.0.0.1:8000", f"127.0.0.1:{hub}"),
            ("listen 443", f"listen 127.0.0.1:{port}"),
            ("listen 80", f"listen 127.0.0.1:{self.plain if port == self.proxy else free_port()}"),
            ("/etc/tamin-account/tls/", f"{self.folder}/"),
            ("/var/lib/tamin-account/pages", str(self.folder / "pages")),
            ("/var/log/nginx/tamin-account.log", str(self.access_log)),
            ("/var/log/nginx/tamin-account.error.log", str(self.folder / "nginx-error.log")),
        ):
            assert old in site
            site = site.replace(old, new)
        if more:
            site = with_nodes(site, [f"127.0.0.1:{one}" for one in (hub, *more)])
        return write_nginx(self.folder, f"nginx-{port}", site)


def write_nginx(folder: Path, name: str, site: str) -> Path:
    """Write what is around a site, so that nginx runs in the foreground with files of its own."""
    user = "user root;" if os.geteuid() == 0 else ""
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / f"{name}.conf"
    file.write_text(
        f"{user} daemon off; pid {folder}/{name}.pid; worker_processes 2;"
        f" error_log {folder}/nginx-start.log;\n{_connections()}"
        f"http {{ {places}\n{site}}}\n",
        "utf-8",
    )
    return file


def _connections() -> str:
    """Return what docs/operate/install.md says about nginx's connections."""
    told = CONNECTIONS.search((ROOT / "docs/operate/install.md").read_text("utf-8"))
    assert told is not None
    return told[0]


def with_nodes(site: str, addresses: Sequence[str]) -> str:
    """Return the site with the upstream of docs/operate/nodes.md, for nodes at these addresses."""
    told = UPSTREAM.search((ROOT / "docs/operate/nodes.md").read_text("utf-8"))
    assert told is not None
    site, count = UPSTREAM.subn(told[0], site)
    assert count == 1
    for number, address in enumerate(addresses, 11):
        site = site.replace(f"10.0.0.{number}:8000", address)
    assert "10.0.0." not in site
    return site


def write_certificate(certificate: Path, key_file: Path, of: x509.GeneralName = LOCALHOST) -> None:
    """Write a certificate for localhost, or another name, that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([of]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def listens(port: int) -> bool:
    """Return whether somebody listens there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
