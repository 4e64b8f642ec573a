"""``idp conformance``: a hub for a conformance suite, over TLS on this machine alone."""

import json
import os
from pathlib import Path

import click

from idp import resources
from idp.cli.context import tools
from idp.cli.own_folder import alone_in, make_signing_keys, need_ports, secrets_in
from idp.cli.system import fresh_password


@click.command()
@click.option(
    "--port",
    default=8443,
    show_default=True,
    type=click.IntRange(1024, 65535),
    help="The hub's port on loopback.",
)
@click.option(
    "--folder",
    default="var/conformance",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Its files: database, keys, secrets, certificate.",
)
def conformance(port: int, folder: Path) -> None:
    """Run a hub for a conformance suite at https://localhost, with config/conformance.toml.

    Prints the issuer, the certificate to trust, user name and password of the test citizen, and the
    IDP_CONFIG with which other commands work on it, as `idp clients register`.
    Everything that the profiles can ask for is on; throttles and second steps are off. It does
    not start with an issuer that others reach.

    \b
    Examples:
      idp conformance
      idp conformance --port 9443 --folder var/suite
    """
    folder = folder.resolve()
    with alone_in(folder):
        need_ports([port])
        files = [
            resources.settings_file("development"),
            resources.settings_file("conformance"),
            secrets_in(folder),
            _own_settings(folder, port),
        ]
        settings = tools().settings(files)
        tools().upgrade_database(settings, lambda _: None)
        hub = tools().hub(files)
        make_signing_keys(hub)
        password = _password(folder)
        hub.put_suite_citizen(password)
        click.echo(
            f"issuer       {settings.server.issuer}\n"
            f"certificate  {settings.server.tls_certificate}\n"
            f"user name    {settings.conformance.user_name}\n"
            f"password     {password}\n"
            f"IDP_CONFIG   {os.pathsep.join(map(str, files))}"
        )
        hub.serve()


def _own_settings(folder: Path, port: int) -> Path:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not (certificate.exists() and key.exists()):
        tools().make_certificate(certificate, key)
    own = folder / "own.toml"
    lines = {
        "server": {
            "issuer": f"https://localhost:{port}",
            "bind": f"127.0.0.1:{port}",
            "runtime_folder": str(folder / "run"),
            "tls_certificate": str(certificate),
            "tls_key": str(key),
        },
        "database": {"url": f"sqlite:///{folder / 'hub.sqlite3'}"},
        "keys": {"folder": str(folder / "keys")},
    }
    # TOML's strings escape as JSON's do.
    text = "\n".join(
        "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in keys.items())])
        for name, keys in lines.items()
    )
    own.write_text(text + "\n", "utf-8")
    return own


def _password(folder: Path) -> str:
    """Return the password of this folder's citizen, the same at each start."""
    file = folder / "password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(fresh_password(), "utf-8")
    return file.read_text("utf-8")
