"""What comes from others: locked, wanted, licensed, listed."""

import json
import re
from importlib.metadata import requires
from pathlib import Path

import cyclonedx.schema
import jsonschema_rs
import pytest
from license_expression import ExpressionError
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from release import licences, sbom
from release.locked import ROOT, read_lock
from tests.architecture.test_rooms import declared_packages

WANTED_BY_US = {"setuptools": "requirements.in: installs a checkout without a second download"}
DEMO_ALONE = {"certifi", "charset-normalizer", "requests", "urllib3"}
"""The sample portals' HTTP client; the hub trusts the system's certificates."""

LOCKS = sorted(ROOT.glob("requirements*.lock"))
SCHEMAS = Path(cyclonedx.schema.__file__).parent / "_res"
EXTRAS = {"psycopg": "binary"}
"""The extras that setup.cfg names."""

WHEN = 1_800_000_000


def is_asked_for(requirement: Requirement, extra: str) -> bool:
    if requirement.marker is None or "extra" not in str(requirement.marker):
        return True
    return requirement.marker.evaluate({"extra": extra})


def required_by_locked() -> set[str]:
    """Return what a locked run-time distribution requires, on any platform; extras if asked for."""
    needs: set[str] = set()
    for package in read_lock():
        if package.marker and not Marker(package.marker).evaluate():
            continue  # not installed here
        for one in map(Requirement, requires(package.name) or ()):
            if is_asked_for(one, EXTRAS.get(package.name, "")):
                needs.add(canonicalize_name(one.name))
    return needs


def test_every_locked_package_is_imported_or_required_by_another():
    locked = {package.name for package in read_lock()}

    unwanted = locked - declared_packages() - required_by_locked()

    assert unwanted == set(WANTED_BY_US)


def test_the_sample_portals_packages_are_not_locked_for_run_time():
    run_time = {package.name for package in read_lock()}
    demo = {package.name for package in read_lock(ROOT / "requirements-demo.lock")}

    assert demo - run_time == DEMO_ALONE


@pytest.mark.parametrize(
    "name", ["requirements-demo.lock", "requirements-dev.lock", "requirements-traces.lock"]
)
def test_all_locks_pin_the_same_releases(name):
    run_time = {(package.name, package.version) for package in read_lock()}
    other = {(package.name, package.version) for package in read_lock(ROOT / name)}

    assert run_time <= other


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_lock_has_hashes(lock):
    assert all(package.hashes for package in read_lock(lock))


def test_a_package_without_a_hash_is_refused(tmp_path):
    (tmp_path / "a.lock").write_text("flask==3.1.3\n")
    with pytest.raises(ValueError, match="pinned by hash"):
        read_lock(tmp_path / "a.lock")


def test_the_page_of_licences_is_of_now():
    assert licences.PAGE.read_text("utf-8") == licences.page()


def test_every_licence_is_allowed():
    expressions = {package.name: licences.licence_of(package) for package in read_lock()}
    expressions |= {one["name"]: one["licence"] for one in licences.shipped()}

    assert [name for name, one in expressions.items() if not licences.is_allowed(one)] == []


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("GPL-2.0-or-later", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-only", False),
    ],
)
def test_of_a_choice_one_allowed_licence_is_enough(expression, is_allowed):
    assert licences.is_allowed(expression) == is_allowed


def test_no_licence_is_allowed_for_nothing():
    named = {
        name for package in read_lock() for name in licences.names_in(licences.licence_of(package))
    }
    named |= {one["licence"] for one in licences.shipped()}

    assert licences.ALLOWED - named == set()


def test_no_licence_is_named_for_a_package_that_is_gone():
    assert licences.UNCLEAR.keys() - {package.name for package in read_lock()} == set()


def test_every_licence_text_of_the_checkout_is_listed():
    texts = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "idp").rglob("*")
        if re.search(r"LICEN[CS]E|\bOFL\b", path.name)
    }
    assert texts == {one["file"] for one in licences.shipped()}


@pytest.fixture(scope="module")
def bill() -> dict:
    return json.loads(sbom.document(WHEN))


def test_the_bill_of_materials_fits_its_schema(bill):
    read = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")}
    schema = read["bom-1.6.SNAPSHOT.schema.json"]
    place = schema["$id"].rpartition("/")[0]
    registry = jsonschema_rs.Registry([(f"{place}/{name}", one) for name, one in read.items()])

    jsonschema_rs.validator_for(schema, registry=registry).validate(bill)


def test_the_bill_of_materials_names_every_locked_package(bill):
    listed = {
        (one["name"], one["version"], one["licenses"][0]["expression"])
        for one in bill["components"]
    }
    assert listed == {(one.name, one.version, licences.licence_of(one)) for one in read_lock()}


def test_the_bill_of_materials_has_every_hash(bill):
    listed = {
        one["name"]: {each["content"] for each in one["hashes"]} for one in bill["components"]
    }
    assert listed == {one.name: set(one.hashes) for one in read_lock()}


def test_the_bill_of_materials_says_which_package_it_is_of(bill):
    about = bill["metadata"]["component"]
    assert (about["name"], about["version"]) == ("tamin-account", sbom.version())


def test_the_same_sources_give_the_same_bill_of_materials():
    assert sbom.document(WHEN) == sbom.document(WHEN)


def test_a_licence_that_nobody_knows_is_refused(monkeypatch):
    package = read_lock()[0]
    monkeypatch.setitem(licences.UNCLEAR, package.name, "Mine alone")
    with pytest.raises((licences.UnknownLicence, ExpressionError)):
        licences.licence_of(package)
