"""Numbers stay in one line with their units."""

import pytest

from idp.domain.persian.line_breaks import unbroken


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("تا %(minutes)s دقیقه دیگر", "تا %(minutes)s\u00a0دقیقه دیگر"),
        ("{n} ثانیه دیگر", "{n}\u00a0ثانیه دیگر"),
        ("ظرف ۴۸ ساعت", "ظرف ۴۸\u00a0ساعت"),
        ("کد ۶ رقمی", "کد ۶\u00a0رقمی"),
        ("کدی که ساعت %(time)s ارسال شد", "کدی که ساعت\u00a0%(time)s ارسال شد"),
        ("in %(n)s minutes", "in %(n)s\u00a0minutes"),
        ("ساعت کار", "ساعت کار"),
        ("2 dayflies", "2 dayflies"),
    ],
)
def test_no_line_ends_between_a_number_and_its_unit(sentence, kept):
    assert unbroken(sentence) == kept
