"""Files of other hands that we ship are the released ones, with their licences."""

from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "clients" / "portals" / "single_page"
SCRIPT = SHIPPED / "oidc-client-ts.min.js"
RELEASED = "f999daa383f09eb090d0ae32211e9ca931c76840e08e47fcf334fc8f5f74f1ef"
"""Of dist/browser/oidc-client-ts.min.js in the npm package oidc-client-ts 3.5.0."""

PACKAGES = ROOT / "tests" / "e2e" / "node_modules"


def test_the_script_is_the_released_one():
    assert sha256(SCRIPT.read_bytes()).hexdigest() == RELEASED


def test_the_script_is_the_one_of_the_package_that_the_tests_use():
    package = PACKAGES / "oidc-client-ts" / "dist" / "browser" / SCRIPT.name
    if not package.exists():
        pytest.skip("the npm packages are not installed")
    assert SCRIPT.read_bytes() == package.read_bytes()


def test_its_licences_come_with_it():
    text = (SHIPPED / "oidc-client-ts.LICENSE.txt").read_text("utf-8")
    assert "oidc-client-ts 3.5.0" in text
    assert "Apache License" in text
    assert "The MIT License" in text  # of jwt-decode, which the script contains
