"""Apache with mod_auth_openidc as Debian ships them: pages that only who signed in may read."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.deployment import listens
from tests.e2e.demo import eventually
from tests.e2e.suite import Suite
from tests.free_ports import free_port

APACHE = shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin")
MODULES = Path("/usr/lib/apache2/modules")
MODULE = MODULES / "mod_auth_openidc.so"
NAMES = (
    *("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "ssl"),
    *("socache_shmcb", "auth_openidc"),
)
PAGE = "Only women who signed in read this."
SITE = """
Listen 127.0.0.1:{port}
<VirtualHost 127.0.0.1:{port}>
  ServerName localhost
  SSLEngine on
  SSLCertificateFile {folder}/certificate.pem
  SSLCertificateKeyFile {folder}/key.pem
  OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
  OIDCClientID {client_id}
  OIDCClientSecret {secret}
  OIDCRedirectURI {address}/protected/redirect_uri
  OIDCCryptoPassphrase a-passphrase-of-a-test
  OIDCScope "openid profile"
  OIDCPKCEMethod S256
  OIDCCABundlePath {folder}/certificate.pem
  OIDCProviderBackChannelLogoutSupported On
  <Location /protected>
    AuthType openid-connect
    ForceType text/html
    Require claim gender:female
  </Location>
</VirtualHost>
"""


@dataclass(frozen=True)
class Site:
    """A virtual host that is a client of the hub."""

    client_id: str
    port: int
    secret: str

    @property
    def address(self) -> str:
        """Where it is."""
        return address_at(self.port)

    @property
    def page(self) -> str:
        """The page that is protected."""
        return f"{self.address}/protected/"


def address_at(port: int) -> str:
    """Return the address of the virtual host at ``port``."""
    return f"https://localhost:{port}"


def register(suite: Suite, channel: str) -> Site:
    """Register a virtual host that is told of sign-outs by the ``channel``: "back" or "front"."""
    port, client_id = free_port(), f"apache-{channel}"
    callback = f"{address_at(port)}/protected/redirect_uri"
    how = {"back": "backchannel", "front": "get"}[channel]
    secret = suite.register(
        client_id,
        redirect_uris=[callback],
        scope=["openid", "profile"],
        **{f"{channel}channel_logout_uri": f"{callback}?logout={how}"},
    )
    return Site(client_id, port, secret)


@contextmanager
def running_apache(suite: Suite, sites: list[Site]) -> Iterator[None]:
    """Serve the sites until the block ends."""
    # Not below tmp_path: started by root, Apache serves as another user, who may not enter there.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        process = subprocess.Popen([APACHE, "-f", _settings(suite, sites, folder), "-DFOREGROUND"])
        try:
            for site in sites:
                eventually(lambda port=site.port: listens(port) or None, what="Apache")
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _settings(suite: Suite, sites: list[Site], folder: Path) -> Path:
    shutil.copy(suite.certificate, folder)
    shutil.copy(suite.key, folder)
    pages = folder / "pages" / "protected"
    pages.mkdir(parents=True)
    (pages / "index.html").write_text(PAGE, "utf-8")
    lines = [
        f"ServerRoot {folder}",
        f"PidFile {folder}/pid",
        f"DocumentRoot {folder}/pages",
        f"ErrorLog {folder}/error.log",
        "ServerName localhost",
        "DirectoryIndex index.html",
        *(f"LoadModule {module}_module {MODULES}/mod_{module}.so" for module in NAMES),
        *(["User www-data", "Group www-data"] if os.geteuid() == 0 else []),
    ]
    for site in sites:
        about = {"client_id": site.client_id, "secret": site.secret, "port": site.port}
        lines.append(SITE.format(**about, address=site.address, folder=folder, issuer=suite.issuer))
    file = folder / "apache.conf"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file
