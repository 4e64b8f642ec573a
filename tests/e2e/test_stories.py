"""The stories of docs/generated/stories.md are what citizens read today."""

import pytest

from tests.e2e.demo import ROOT, Demo
from tests.e2e.stories import written

pytestmark = pytest.mark.slow


def test_every_persona_reads_what_the_stories_say(demo: Demo):
    told = (ROOT / "docs" / "generated" / "stories.md").read_text("utf-8")
    assert written(demo) == told, "run `make stories`"
