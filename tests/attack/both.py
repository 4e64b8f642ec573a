"""The same attack against two servers."""

import pytest


def at_both(*, hub: object, naive: object) -> pytest.MarkDecorator:
    """Run the test at the hub and at the naive server; ``expected`` is what each must answer.

    ``hub`` is how the attack fails, ``naive`` how it succeeds: the test's one assertion compares
    the answer with it. Where the library is mended the row ``[naive]`` fails, and may go.
    """
    assert hub != naive, "an attack that ends alike at both shows nothing"
    rows = [pytest.param("hub", hub, id="hub"), pytest.param("naive", naive, id="naive")]
    return pytest.mark.parametrize(("target", "expected"), rows, indirect=["target"])
