"""Each complaint that docs/operate/complaints.md answers names a test that is there."""

import re

import pytest

from tests.architecture.sources import ROOT

ROWS = [
    line
    for line in (ROOT / "docs" / "operate" / "complaints.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| complaint ")
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split(" | ")[0][2:60])
def test_a_complaint_has_a_thread_and_the_test_that_answers_it(row: str):
    _complaint, threads, _here, answer = row.strip("| ").split(" | ")
    assert re.search(r"\]\(https://github\.com/[\w.-]+/[\w.-]+/(issues|pull)/\d+\)", threads)
    file, _, name = answer.strip("`").partition("::")
    assert f"def {name}(" in (ROOT / file).read_text("utf-8")
