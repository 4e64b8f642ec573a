"""The test mode for conformance suites has no throttle within a suite's reach."""

from collections.abc import Iterator
from typing import Any

from idp import settings
from idp.cli.system import fresh_secrets
from idp.resources import settings_file

THRESHOLDS = {"free", "count", "work_from", "turns_from"}
OUT_OF_REACH = 1_000_000


def thresholds(value: Any, path: str = "") -> Iterator[tuple[str, int]]:
    """Yield every number from which on something waits, works or is refused."""
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from thresholds(inside, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from thresholds(inside, path)
    elif path.rpartition(".")[2] in THRESHOLDS:
        yield path, value


OF_NETWORKS = {
    *(".wrong_passwords_by_network", ".registrations_by_network", ".codes_by_network"),
}
"""Off by ``protection.network_limits``."""


def test_no_counter_is_within_a_suites_reach(tmp_path):
    secrets = tmp_path / "secrets.toml"
    secrets.touch(mode=0o600)
    secrets.write_text(fresh_secrets(), "utf-8")
    files = [settings_file("development"), settings_file("conformance"), secrets]
    mode = settings.load(files, {})

    assert not mode.protection.network_limits
    assert not mode.protection.proof_of_work
    near = {
        path
        for path, number in thresholds(mode.limits.model_dump())
        if number < OUT_OF_REACH and path.rpartition(".")[0] not in OF_NETWORKS
    }
    assert near == set()
