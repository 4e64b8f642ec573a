"""Where `make versions` finds the version before, and what it says of a roll."""

from dataclasses import replace

import pytest

from tests.architecture.sources import ROOT
from tests.fault.cluster.rolled import Rolled
from tests.fault.lab.judge import Verdict
from tests.fault.versions import unpack_version_before


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout")
def test_a_commit_that_is_named_is_the_version_before(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BEFORE", "HEAD")
    found = unpack_version_before(tmp_path)
    assert found is not None
    commit, folder = found
    assert commit == "HEAD"
    assert (folder / "idp" / "start.py").exists()


WELL = Rolled("a roll", 60.0, acked=100, sign_ins=20, failures=[], verdict=Verdict())


@pytest.mark.parametrize(
    "change",
    [
        {"failures": ["503 POST /login"]},
        {"sign_ins": 0},
        {"verdict": Verdict(lost=["the token of sign_in 1"])},
    ],
    ids=str,
)
def test_a_roll_is_well_where_nothing_failed_and_nothing_was_lost(change: dict):
    assert WELL.is_well
    assert not replace(WELL, **change).is_well
