"""Where the machine keeps its browsers; a missing one fails with the words how to install it."""

import shutil

import pytest

QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
    # A page lives for a second: what its optimising compilers take is never given back.
    "--js-flags=--no-maglev --no-turbofan",
]


def chromium() -> str:
    """Return the path of Chromium."""
    return _found("chromium-headless-shell", "chromium", "chromium-browser")


def firefox() -> str:
    """Return the path of Firefox."""
    return _found("firefox-esr", "firefox")


def node() -> str:
    """Return the path of Node.js."""
    return _found("node", install="nodejs npm")


def _found(*names: str, install: str = "") -> str:
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    pytest.fail(
        f"{names[0]} is missing (Debian, Ubuntu: sudo apt-get install {install or names[0]})"
    )
