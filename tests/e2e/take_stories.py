"""``make stories``: writes docs/generated/stories.md. Pytest runs it where it is named."""

import pytest

from tests.e2e.demo import ROOT, Demo
from tests.e2e.stories import written


@pytest.mark.slow
def test_write_the_stories(demo: Demo):
    (ROOT / "docs" / "generated" / "stories.md").write_text(written(demo), "utf-8")
