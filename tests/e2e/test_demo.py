"""``idp demo`` as somebody meets it who has never seen the project."""

import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.e2e.citizens import Citizen
from tests.e2e.demo import IDP, ROOT, Demo, answers, eventually, memory_of, resident_memory_of
from tests.e2e.people import person
from tests.free_ports import are_free, free_ports

pytestmark = pytest.mark.slow

MOST_MEMORY = 400 * 2**20
LONGEST_START = 30.0  # seconds; two minutes are promised, on any machine


@pytest.fixture
def fresh(tmp_path: Path) -> Demo:
    return Demo(tmp_path / "fresh", free_ports())


def test_it_starts_soon_fits_in_memory_and_stops_all_of_itself(
    fresh: Demo, record_testsuite_property: Callable[[str, object], None]
):
    began = time.monotonic()
    fresh.start()
    took = time.monotonic() - began
    Citizen(fresh, person("ok_male")).register()  # argon2 and the worker at work
    memory, resident = memory_of(fresh.processes()), resident_memory_of(fresh.processes())
    code = fresh.stop(signal.SIGINT)  # Ctrl+C

    record_testsuite_property("seconds to the demo's first answer", round(took, 1))
    record_testsuite_property("MiB of the demo, shared pages once", memory >> 20)
    record_testsuite_property("MiB of the demo, resident", resident >> 20)
    assert took < LONGEST_START
    assert resident < MOST_MEMORY
    assert code == 0
    assert are_free(fresh.port)


def test_a_branch_is_found_in_it(demo: Demo):
    page = requests.get(f"{demo.hub}/branches?city=yazd", timeout=20)
    assert "شعبه نمونه یزد" in page.text


def test_a_second_start_knows_who_registered_in_the_first(fresh: Demo):
    fresh.start()
    citizen = Citizen(fresh, person("ok_male"))
    citizen.register()
    fresh.stop()

    fresh.start()
    citizen.sign_in(fresh.portal(1))
    code = fresh.stop()

    assert citizen.walk.here == f"{fresh.portal(1)}/"
    assert code == 0
    assert fresh.leaks() == []


def test_it_says_where_everything_is_and_what_to_try(fresh: Demo):
    fresh.start()
    fresh.stop()

    said = fresh.greeting.read_text("utf-8")
    for address in (*fresh.addresses(), f"{fresh.hub}/dev/inbox", person("ok_male").national_id):
        assert address in said


def test_a_killed_demo_leaves_no_portal_behind(fresh: Demo):
    fresh.start()
    assert fresh.process is not None
    fresh.process.kill()
    fresh.process.wait()

    eventually(lambda: are_free(fresh.port) or None, what="the end of the portals")
    assert not any(map(answers, fresh.addresses()))


def test_ports_in_use_are_named(fresh: Demo):
    fresh.start()
    second = subprocess.run(
        [IDP, "demo", "--port", str(fresh.port - 1), "--folder", fresh.folder.parent / "second"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    fresh.stop()

    assert second.returncode == 4
    assert str(fresh.port) in re.findall(r"\d+", second.stderr)
    assert "make demo PORT=" in second.stderr


def test_a_second_demo_in_the_same_folder_leaves_the_first_alone(fresh: Demo):
    fresh.start()
    second = subprocess.run(
        [IDP, "demo", "--port", str(free_ports()), "--folder", fresh.folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    citizen = Citizen(fresh, person("ok_male"))
    citizen.register()
    citizen.sign_in(fresh.portal(1))
    fresh.stop()

    assert second.returncode == 4
    assert "A hub runs already" in second.stderr
    assert citizen.walk.here == f"{fresh.portal(1)}/"
