"""Every page and state of the tour in Chromium 80, in both languages."""

import pytest

from tests.web.frame import checks
from tests.web.old_phones.looks import looks
from tests.web.old_phones.old_stage import OldStage
from tests.web.tour import VISITS
from tests.web.visits import Visit, name_of

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("visit", VISITS, ids=name_of)
def test_a_page_is_sound(stage: OldStage, visit: Visit, language: str):
    stage.citizen.client.set_cookie("hub_language", language, domain="127.0.0.1")
    stage.show(visit.walk(stage.citizen))
    found = [
        *looks(stage),
        *checks.frame(stage, language),
        *checks.origin(stage),
        *checks.width(stage),
        *checks.large_text(stage),
    ]
    assert found == []
