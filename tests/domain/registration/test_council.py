from dataclasses import replace

import pytest

from idp.domain.people.national_id import NationalId
from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.registration.council import (
    CouncilMember,
    CouncilSilent,
    Judged,
    MemberFound,
    NoSuchMember,
    Proof,
    judge_claim,
)
from tests.personas import person

NUMBER = CouncilNumber("98765")
CLAIM = PhysicianClaim(NUMBER, Profession.GENERAL_PRACTITIONER)
BARE = CouncilMember(number=NUMBER, given_name="نیلوفر", family_name="صادقی پور")
FULL = replace(
    BARE,
    national_id=NationalId("9995123487"),
    professions=frozenset({Profession.GENERAL_PRACTITIONER, Profession.SPECIALIST}),
)


def judge(member):
    return judge_claim(CLAIM, person("physician"), MemberFound(member))


@pytest.mark.parametrize(
    "member",
    [
        BARE,
        FULL,
        replace(BARE, family_name="صادقي\u200cپور"),
        replace(BARE, number=CouncilNumber("98-765")),
        replace(BARE, given_name="سیده نیلوفر"),
    ],
)
def test_the_members_own_claim_is_proven(member):
    assert judge(member) == Judged(Proof.PROVEN)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"family_name": "کریمی"}, "council_family_name"),
        ({"family_name": "صادقی پوز"}, "council_family_name"),
        ({"family_name": "سید صادقی پور"}, "council_family_name"),
        ({"given_name": "مریم"}, "council_given_name"),
        ({"national_id": NationalId("9994863177")}, "council_national_id"),
        ({"professions": frozenset({Profession.DENTIST})}, "council_profession"),
        ({"professions": frozenset()}, "council_profession"),
    ],
)
def test_another_member_proves_nothing(changes, reason):
    assert judge(replace(FULL, **changes)) == Judged(Proof.REFUSED, (reason,))


def test_a_number_that_nobody_holds_is_refused():
    assert judge_claim(CLAIM, person("physician"), NoSuchMember()) == Judged(
        Proof.REFUSED, ("council_not_found",)
    )


@pytest.mark.parametrize(
    "answer", [CouncilSilent(), MemberFound(replace(FULL, number=CouncilNumber("98765م")))]
)
def test_no_answer_neither_proves_nor_refuses(answer):
    judged = judge_claim(CLAIM, person("physician"), answer)

    assert judged == Judged(Proof.SILENT, ("council_unavailable",))
    assert judged.is_silent
