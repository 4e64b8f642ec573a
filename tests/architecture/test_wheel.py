"""The wheel carries everything: it works in an environment that has never seen the checkout."""

import json
import os
import signal
import subprocess
import time
import zipfile
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from release import wheel as release_wheel
from release.wheel import SHIPPED
from tests.architecture.sources import ROOT
from tests.architecture.wheels import SECONDS, build_wheel, install_wheel
from tests.free_ports import free_port

IMPORT_ALL = """
import importlib, json, pkgutil, sys, idp
names = [m.name for m in pkgutil.walk_packages(idp.__path__, "idp.") if ".migrations" not in m.name]
for name in names:
    importlib.import_module(name)
print(json.dumps({"modules": names, "file": idp.__file__, "loaded": sorted(sys.modules)}))
"""
FIND_ALL = """
import json
from idp import resources
print(json.dumps({
    "templates": sorted(p.name for p in resources.template_folder().rglob("*.*")),
    "settings": resources.default_settings().read_text("utf-8"),
    "catalogue": resources.catalogue("en").read_text("utf-8"),
}))
"""
OWNER_NAMED = {
    *("authlib", "flask", "flask_sqlalchemy", "flask_wtf"),
    *("jwcrypto", "persiantools", "redis"),
}
"""The packages that the owner named for run time; the eighth, pytest, runs this test."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    return install_wheel(wheel, tmp_path_factory.mktemp("environment"))


def run(python: Path, code: str) -> dict:
    done = subprocess.run(
        [python, "-I", "-c", code], cwd=python.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def wanted_files() -> set[str]:
    """Return what the wheel must hold: package and templates whole, the shipped settings."""
    shipped = {"config": "*.toml", "templates": "**/*", "translations": "*.po", "idp": "**/*"}
    return {
        f"{SHIPPED[folder]}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, pattern in shipped.items()
        for path in (ROOT / folder).glob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_every_file_of_the_package(wheel):
    with zipfile.ZipFile(wheel) as archive:
        assert wanted_files() - set(archive.namelist()) == set()


def test_another_build_elsewhere_gives_the_same_bytes(wheel, tmp_path):
    """This one is built at once, that of ``wheel`` from a source archive."""
    sources = tmp_path / "another" / "folder"
    release_wheel.copy_sources(sources)
    for path in sources.rglob("*"):
        os.utime(path, (0, 0))
    again = release_wheel.build(sources, SECONDS, "--wheel")

    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_every_module_imports_from_the_wheel(installed):
    found = run(installed, IMPORT_ALL)
    assert str(ROOT) not in found["file"]
    assert "idp.resources" in found["modules"]


def test_the_wheel_works_with_the_packages_that_the_owner_named(installed):
    assert OWNER_NAMED - set(run(installed, IMPORT_ALL)["loaded"]) == set()


def test_the_wheel_finds_its_templates_and_settings(installed):
    found = run(installed, FIND_ALL)
    assert found["settings"] == (ROOT / "config" / "default.toml").read_text("utf-8")
    assert "activated.txt" in found["templates"]


def test_the_wheel_finds_its_catalogue(installed):
    found = run(installed, FIND_ALL)
    assert found["catalogue"] == (ROOT / "translations" / "en.po").read_text("utf-8")


@pytest.mark.slow
def test_the_wheel_serves_its_pages(installed, tmp_path):
    """Secrets, database, key, server: the commands of a new machine, in an empty folder."""
    environment = hub_environment(installed, tmp_path)

    def idp(*words: str) -> str:
        command = [installed.parent / "idp", *words]
        return subprocess.run(
            command, check=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        ).stdout

    (tmp_path / "secrets.toml").write_text(idp("secrets"), "utf-8")
    idp("db", "upgrade")
    idp("keys", "promote", idp("keys", "new").split()[0])

    with served(installed, tmp_path, environment) as port:
        status, page = get(port, "/login")

    assert status == 200
    assert "ورود به سیستم" in page


def hub_environment(installed: Path, folder: Path) -> dict[str, str]:
    shipped = next(installed.parent.parent.glob("lib/python*/site-packages/idp/_config"))
    (folder / "secrets.toml").touch()
    port = free_port()
    files = [shipped / "development.toml", folder / "secrets.toml"]
    return {
        "PATH": os.environ["PATH"],
        "IDP_OFFICER": "tests",
        "IDP_CONFIG": os.pathsep.join(map(str, files)),
        "IDP__SERVER__BIND": f"127.0.0.1:{port}",
        "IDP__SERVER__ISSUER": f"http://127.0.0.1:{port}",
        "PORT": str(port),
    }


@contextmanager
def served(installed: Path, folder: Path, environment: dict[str, str]):
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [installed.parent / "idp", "serve"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(int(environment["PORT"]), server, folder / "server.log")
            yield int(environment["PORT"])
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)


def wait_for(port: int, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError):
            get(port, "/login")
            return
        time.sleep(0.1)
    pytest.fail(f"the server of the wheel does not answer:\n{log.read_text('utf-8')[-3000:]}")


def get(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8")
    finally:
        connection.close()
