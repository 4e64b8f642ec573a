"""Every page and state of the tour, in both languages and colour schemes, in a real browser."""

import pytest

from tests.web.frame import checks
from tests.web.frame.stage import staged
from tests.web.tour import VISITS
from tests.web.visits import Visit, name_of

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PHONE = {"width": 360, "height": 780}


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("visit", VISITS, ids=name_of)
def test_a_page_is_sound(chromium, hub, visit: Visit, language: str):
    citizen = hub.browser()
    citizen.client.set_cookie("hub_language", language, domain="127.0.0.1")
    answer = visit.walk(citizen)
    with staged(chromium, citizen, viewport=PHONE) as stage:
        stage.show(answer, late=True)
        found = [
            *checks.stillness(stage),
            *checks.frame(stage, language),
            *checks.origin(stage),
            *checks.weight(stage),
            *checks.axe(stage),
            *checks.width(stage),
            *checks.large_text(stage),
            *checks.forced(stage),
        ]
    assert found == []
