"""Every page of the tour in Chromium 80 in both languages, and its further states in Persian."""

import pytest

from tests.web.frame import checks
from tests.web.old_phones.looks import looks
from tests.web.old_phones.old_stage import OldStage
from tests.web.tour import VISITS
from tests.web.visits import Visit, first_of_each, name_of

pytestmark = [pytest.mark.slow, pytest.mark.browser]


WALKS = [
    pytest.param(visit, language, id=f"{name_of(visit)}-{language}")
    for language, visits in (("fa", VISITS), ("en", first_of_each(VISITS)))
    for visit in visits
]


@pytest.mark.parametrize(("visit", "language"), WALKS)
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
