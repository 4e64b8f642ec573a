"""`make recipes`: build the portal of each recipe from its page, and sign in and out there.

Packages come from their registries, as the page pins them; what is built stays in var/recipes.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests

from tests.deploy.deployment import listens
from tests.e2e.demo import eventually
from tests.e2e.suite import Suite, running_suite
from tests.e2e.walk import Walk
from tests.free_ports import free_port
from tests.recipes import ROOT, Recipe, all_recipes

BUILT = ROOT / "var" / "recipes"
PROGRAMS = {"npm", "go", "mvn"}
START_SECONDS = 180
"""The first start of a program in Go or Java compiles it."""


class Failed(Exception):
    """The recipe did not work; the message says where."""


def main(wanted: list[str]) -> int:
    """Run the recipes with these names, or all; return the exit code."""
    pages = [one for one in all_recipes() if one.is_run_by_make]
    chosen = [one for one in pages if not wanted or one.name in wanted]
    failures = 0
    with tempfile.TemporaryDirectory() as name, running_suite(Path(name)) as suite:
        for recipe in chosen:
            failures += not reported(suite, recipe)
    return min(failures, 1)


def reported(suite: Suite, recipe: Recipe) -> bool:
    """Run a recipe, print what came of it, and return whether it is well."""
    missing = missing_program(recipe)
    if missing:
        print(f"skipped    {recipe.name}: {missing} is not installed", flush=True)
        return True
    try:
        run(suite, recipe)
    except (Failed, AssertionError, requests.RequestException) as error:
        print(f"FAILED     {recipe.name}: {error}", flush=True)
        return False
    assert recipe.claim
    print(f"signed in  {recipe.name}: {recipe.claim[0]}", flush=True)
    return True


def missing_program(recipe: Recipe) -> str | None:
    """Return a program that the commands of the page need and this machine lacks."""
    words = {word for line in recipe.commands for word in line.split()}
    return next((one for one in sorted(words & PROGRAMS) if not shutil.which(one)), None)


def run(suite: Suite, page: Recipe) -> None:
    """Register the page's client file, start its portal, sign in and out."""
    recipe = page.at(free_port())
    folder = BUILT / recipe.name
    secret = register(suite, recipe)
    build(page, recipe, folder)
    settings = {"ISSUER": suite.issuer, "CLIENT_SECRET": secret, **trust_of_java(suite)}
    with running_portal(suite, recipe, folder, settings):
        sign_in_and_out(suite, recipe)


def register(suite: Suite, recipe: Recipe) -> str:
    """Register the client file as it stands on the page; return the secret."""
    file = suite.folder / f"{recipe.client['client_id']}.toml"
    file.write_text(recipe.client_files[0], "utf-8")
    return suite.register_file(file)


def build(page: Recipe, recipe: Recipe, folder: Path) -> None:
    """Write the portal's files; install what the page installs, unless it is as before."""
    for name, text in recipe.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    note = folder / "installed.md"
    if not note.exists() or note.read_text("utf-8") != page.text:
        install(recipe.commands[:-1], folder)
        note.write_text(page.text, "utf-8")


def install(commands: list[str], folder: Path) -> None:
    """Run the commands that install; Python's packages get an environment of their own."""
    if any(line.startswith("pip ") for line in commands):
        uv = Path(sys.executable).with_name("uv")
        make = [uv, "venv", "--quiet", "--clear", "--seed", ".venv"]
        subprocess.run(make, cwd=folder, check=True)
    typed = ["bash", "-euc", "\n".join(commands)]
    with (folder / "install.log").open("wb") as log:
        done = subprocess.run(
            typed, cwd=folder, env=environment(folder), stdout=log, stderr=log, check=False
        )
    if done.returncode:
        raise Failed(f"its packages do not install: {folder}/install.log")


def trust_of_java(suite: Suite) -> dict[str, str]:
    """Return the variable by which Java trusts the hub's certificate."""
    keytool, store = shutil.which("keytool"), suite.folder / "trusted.p12"
    if keytool and not store.exists():
        put = [keytool, "-importcert", "-noprompt", "-alias", "hub", "-file", suite.certificate]
        subprocess.run(
            [*put, "-keystore", store, "-storepass", "changeit", "-storetype", "PKCS12"],
            check=True,
            capture_output=True,
        )
    name = "-Djavax.net.ssl.trustStore"
    return {"JAVA_TOOL_OPTIONS": f"{name}={store} {name}Password=changeit"} if keytool else {}


def environment(folder: Path) -> dict[str, str]:
    """Return the variables of a shell in which the recipe's own Python comes first."""
    return {**os.environ, "PATH": f"{folder / '.venv' / 'bin'}:{os.environ['PATH']}"}


@contextmanager
def running_portal(
    suite: Suite, recipe: Recipe, folder: Path, settings: dict[str, str]
) -> Iterator[None]:
    """Start the portal by the page's last command, until the block ends."""
    address = recipe.opens[0] if recipe.opens else ""
    log = folder / "portal.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            ["bash", "-c", recipe.commands[-1]],
            cwd=folder,
            env=environment(folder) | suite.trust | settings,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        eventually(
            lambda: listens(urlsplit(address).port) or ended(process, log),
            what=f"a portal: {log}",
            seconds=START_SECONDS,
        )
        yield
    finally:
        with_children(process)


def ended(process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Raise if the portal has ended before it served."""
    if process.poll() is not None:
        raise Failed(f"it does not start: {log}")


def with_children(process: "subprocess.Popen[bytes]") -> None:
    """Stop the portal with what it started."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    process.wait(timeout=30)


def sign_in_and_out(suite: Suite, recipe: Recipe) -> None:
    """Be the citizen at the portal."""
    assert recipe.opens
    address, words = recipe.opens
    walk = suite.answer(pressed(suite.walk(), address))
    if words not in walk.text or not same_site(walk.here, address):
        raise Failed(f"at {walk.here.partition('?')[0]}, {walk.status}: {walk.text[:300]}")
    if recipe.leaves:
        pressed(walk, recipe.leaves)
        if words in walk.text or not same_site(walk.here, address):
            raise Failed(f"after the sign-out at {walk.here}, {walk.status}: {walk.text[:300]}")


def pressed(walk: Walk, address: str) -> Walk:
    """Open a page of the portal; where it has a button instead of a redirect, press it."""
    walk.open(address)
    if same_site(walk.here, address) and walk.page.forms:
        walk.submit()
    return walk


def same_site(one: str, other: str) -> bool:
    """Return whether two addresses are of the same server."""
    return urlsplit(one).netloc == urlsplit(other).netloc


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
