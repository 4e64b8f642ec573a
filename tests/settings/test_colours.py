import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.settings.colours import BLACK, WHITE, Colour

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: Colour(f"#{number:06x}"))


@pytest.mark.parametrize("text", ["", "red", "#fff", "#0c6b6", "#0c6b63 ", "#0c6b63;}", "0c6b63"])
def test_anything_but_six_digits_is_no_colour(text):
    with pytest.raises(ValueError, match="#0c6b63"):
        Colour.parse(text)


def test_black_on_white_has_the_largest_contrast():  # WCAG 2.2, definition
    assert WHITE.contrast(BLACK) == pytest.approx(21)


def test_grey_777_on_white_is_just_too_faint():  # the known border case of 4.5
    assert Colour("#777777").contrast(WHITE) < 4.5 < Colour("#767676").contrast(WHITE)


@given(COLOURS, COLOURS)
def test_contrast_has_no_order(one, other):
    assert one.contrast(other) == other.contrast(one) >= 1


@given(COLOURS, COLOURS, st.floats(0, 1))
def test_a_mixture_is_a_colour_between_both(one, other, share):
    for own, mixed, theirs in zip(
        one.parts, one.mixed(other, share).parts, other.parts, strict=True
    ):
        assert min(own, theirs) <= mixed <= max(own, theirs)
