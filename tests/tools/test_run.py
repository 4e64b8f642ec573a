"""In which order the tests run, and that none is left out."""

import os
import re
import sqlite3

import pytest

from tests.find_unmeasured import arcs_of, superfluous
from tests.groups import PARTS, READERS, group_of
from tests.measured import ONLY, OTHERS, ROOT, chosen, function_of, unmeasured
from tests.run import SLOW, files, keep_what_is_compiled, run_tools, spread

QUICK = [f"test_{letter}.py" for letter in "abcdefgh"]


@pytest.fixture
def written(tmp_path):
    """Eight quick files and two slow ones, which come last by name."""
    for name in QUICK:
        (tmp_path / name).write_text("")
    for name in ("test_y.py", "test_z.py"):
        (tmp_path / name).write_text(f"pytestmark = pytest.{SLOW}")
    return sorted(tmp_path.iterdir())


def test_every_file_of_tests_is_in_a_part():
    both = {*files(ONLY), *files(OTHERS)}

    assert both == set(map(str, (ROOT / "tests").rglob("test_*.py")))


def test_a_file_is_in_both_parts_where_some_of_its_tests_add_nothing():
    both = {*files(ONLY)} & {*files(OTHERS)}

    assert both == {str(ROOT / one.partition("::")[0]) for one in unmeasured()}


MEASURED, ADDS_NOTHING = "tests/domain/test_x.py::test_a[1]", "tests/domain/test_x.py::test_b[1]"
ELSEWHERE = "tests/e2e/test_x.py::test_c"


@pytest.mark.parametrize("nodeid", [MEASURED, ADDS_NOTHING, ELSEWHERE])
def test_a_test_runs_in_one_part(nodeid):
    added_nothing = frozenset({function_of(ADDS_NOTHING)})

    assert chosen(nodeid, ONLY, added_nothing) is (nodeid == MEASURED)
    assert chosen(nodeid, OTHERS, added_nothing) is (nodeid != MEASURED)


def test_the_list_of_tests_that_add_nothing_names_tests_that_exist():
    gone = []
    for one in sorted(unmeasured()):
        file, _, name = one.rpartition("::")
        path = ROOT / file.partition("::")[0]
        if not (path.exists() and f"def {name}(" in path.read_text("utf-8")):
            gone.append(one)

    assert gone == [], "take these lines out, or run `make unmeasured`"


def test_a_test_adds_nothing_when_others_run_all_that_it_runs():
    arcs = {"a": {(1, 1, 2)}, "b": {(1, 1, 2), (1, 2, 3)}, "c": {(1, 2, 3)}, "d": {(1, 3, 4)}}
    seconds = dict.fromkeys(arcs, 1.0) | {"b": 2.0}

    assert superfluous(arcs, seconds) == ["b"]


def test_a_test_of_milliseconds_stays_measured():
    assert superfluous({"a": {(1, 1, 2)}, "b": {(1, 1, 2)}}, {"a": 0.01, "b": 0.01}) == []


def test_what_is_run_while_modules_load_is_nobodys(tmp_path):
    with sqlite3.connect(tmp_path / "data") as data:
        data.executescript(
            "CREATE TABLE context (id, context);"
            "CREATE TABLE arc (file_id, context_id, fromno, tono);"
            "INSERT INTO context VALUES (1, ''), (2, 'test_x.py::test_a[1]|run');"
            "INSERT INTO arc VALUES (7, 1, 1, 2), (7, 2, 1, 2), (7, 2, 2, 3);"
        )

    assert arcs_of(tmp_path / "data") == {"test_x.py::test_a": {(7, 2, 3)}}


def test_the_longest_files_come_first(written):
    longest = written[0].with_name("test_every_page.py")
    longest.write_text(f"pytestmark = pytest.{SLOW}")

    assert spread([*written, longest])[0] == longest


def test_what_shares_a_deployment_runs_in_one_process():
    one, other = "tests/deploy/test_a.py::test_x", "tests/deploy/test_b.py::test_y[1]"

    assert group_of(one) == group_of(other)


def test_who_reads_the_pages_of_the_tour_runs_in_one_process():
    reading = [
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"\bsee\(visit", file.read_text("utf-8"))
    ]

    assert set(reading) == READERS


def test_a_files_tests_run_in_one_process():
    names = [f"tests/web/test_forms.py::test_x[{number}]" for number in range(50)]

    assert len(set(map(group_of, names))) == 1


@pytest.mark.parametrize("file", PARTS)
def test_a_file_of_minutes_is_cut_into_parts(file):
    names = [f"{file}::test_x[{number}]" for number in range(100)]

    assert (ROOT / file).exists()
    assert len(set(map(group_of, names))) == PARTS[file]


def test_slow_files_stand_among_the_others(written):
    places = [file.name in QUICK for file in spread(written)]

    assert places.index(False) <= 1
    assert places[-3:] == [True] * 3


def test_a_part_without_slow_files_keeps_its_order(written):
    quick = written[: len(QUICK)]

    assert spread(quick) == quick


def test_python_keeps_what_it_compiles(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    keep_what_is_compiled()

    assert "PYTHONDONTWRITEBYTECODE" not in os.environ


def test_tools_are_counted_one_by_one():
    tools = {"right": ["python", "-c", ""], "wrong": ["python", "-c", "raise SystemExit(1)"]}

    assert run_tools(tools) == [(1, 0), (0, 1)]
