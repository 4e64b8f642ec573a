"""The personas of the demo's registry, and what each types."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.physicians import claim_of

PERSONAS = Path(__file__).parents[1] / "data" / "personas.json"

NEW_PASSWORD = "Zemestan%99q"
ANSWER = "فیروزه‌ای روشن"


@dataclass(frozen=True)
class Person:
    """Somebody who registers."""

    id: str
    national_id: str
    mobile: str
    certificate: dict[str, str]
    """Names, numbers, series and birth date, as typed."""
    claim: dict[str, str] = field(default_factory=dict)
    """Profession and council number, as a physician types them."""

    @property
    def password(self) -> str:
        """The person's own: one password at many accounts is what the hub asks work for (SE14)."""
        return f"Bahar#{sha256(self.id.encode()).hexdigest()[:6]}x"

    def step_one(self) -> dict[str, str]:
        """Return the fields of the first step."""
        return {"national_id": self.national_id, "operator": "mci", "mobile": self.mobile}

    def step_two(self) -> dict[str, str]:
        """Return the fields of the second step."""
        own = self.certificate
        year, month, day = own["birth_date"].split("/")
        return {
            "family_name": own["last_name"],
            "given_name": own["first_name"],
            "certificate_number": own["certificate_no"],
            "serial": own["serial"],
            "series_letter": own["series_letter"],
            "series_number": own["series_no"],
            "birth_day": str(int(day)),
            "birth_month": str(int(month)),
            "birth_year": year,
            "gender": own["gender"],
            "question": "favourite_colour",
            "answer": ANSWER,
            "country": "IR",
            "city": "other",
            "city_text": "نوشهر",
            "email": "somebody@example.com",
            "password": self.password,
            "password_again": self.password,
        }


def person(persona_id: str) -> Person:
    """Return the persona with this id."""
    case = next(one for one in _cases() if one["id"] == persona_id)
    typed = (case["registry"] or {}) | case.get("submit", {})
    return Person(
        id=persona_id,
        national_id=case["national_id"],
        mobile="0" + case["mobile"].removeprefix("+98"),
        certificate={name: str(value) for name, value in typed.items()},
        claim=_claim(case),
    )


def _claim(case: dict[str, Any]) -> dict[str, str]:
    """Return what the persona types on the physicians' way; nothing on the ordinary one."""
    claim = claim_of(case)
    if claim is None:
        return {}
    return {"profession": claim.profession.value, "council_number": claim.number.value}


def every_persona() -> dict[str, str]:
    """Return the ids of all personas, each with the state that its case comes to."""
    return {case["id"]: case["expect"] for case in _cases()}


def _cases() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(PERSONAS.read_text("utf-8"))["cases"]
    return cases
