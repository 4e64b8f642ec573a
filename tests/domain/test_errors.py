import pytest

from idp.domain.errors import DomainError, Invalid
from idp.domain.people import (
    certificate,
    email_address,
    mobile,
    national_id,
    person,
    places,
)
from idp.domain.people import questions as asked
from idp.domain.persian import jalali, names

KINDS = [
    value
    for module in (
        *(certificate, email_address, jalali, mobile, names, national_id, person, places, asked),
    )
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Invalid) and value is not Invalid
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_lists_its_codes(kind):
    assert kind.codes
    assert issubclass(kind, DomainError)


def test_a_refusal_keeps_its_parameters_and_tells_nothing_else():
    refusal = Invalid("esfand_29", {"year": "1404"})

    assert (str(refusal), refusal.code, refusal.params) == (
        "esfand_29",
        "esfand_29",
        {"year": "1404"},
    )
