"""What is under way survives ``kill -9`` of the hub between two pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.citizens import Citizen
from tests.e2e.demo import ANSWER_SECONDS, LEASE_SECONDS, Demo, running_demo
from tests.e2e.people import person

pytestmark = pytest.mark.slow


@pytest.fixture
def own_demo(tmp_path: Path) -> Iterator[Demo]:
    with running_demo(tmp_path / "killed") as demo:
        yield demo


def test_a_registration_goes_on_where_it_was_after_every_kill(own_demo: Demo):
    citizen = Citizen(own_demo, person("ok_leap_birth"))

    citizen.begin()
    own_demo.kill()
    own_demo.start()
    citizen.prove()
    own_demo.kill()
    own_demo.start()
    citizen.submit()
    own_demo.kill()
    own_demo.start()

    # A worker that was killed with the case in hand held it until its lease ran out.
    within = LEASE_SECONDS + ANSWER_SECONDS
    own_demo.text(citizen.person.mobile, "حساب کاربری شما فعال گردید", seconds=within)
    citizen.walk.open("/register")
    texts = own_demo.texts(citizen.person.mobile)
    assert len(texts) == 2, texts  # one code, one result


def test_a_sign_in_ends_at_its_portal_after_every_kill(own_demo: Demo):
    citizen = Citizen(own_demo, person("ok_sayyid"))
    citizen.register()
    citizen.take_another_browser()

    citizen.walk.open(own_demo.portal(1))
    own_demo.kill_web_process()
    citizen.enter()
    own_demo.kill_web_process()
    citizen.prove_device()

    assert citizen.walk.here == f"{own_demo.portal(1)}/"
    assert "خوش آمدید" in citizen.walk.text


def test_a_session_survives_a_kill_of_everything(own_demo: Demo):
    citizen = Citizen(own_demo, person("ok_male"))
    citizen.register()
    citizen.sign_in(own_demo.portal(1))

    own_demo.kill()
    own_demo.start()

    # The portals keep their sessions in memory: they ask the hub again, and nobody sees a page.
    citizen.walk.open(own_demo.portal(2))
    assert citizen.walk.here == f"{own_demo.portal(2)}/"
