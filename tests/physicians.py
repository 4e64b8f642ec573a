"""The professions of the personas: what each claims, and what the council's register holds."""

from collections.abc import Mapping
from typing import Any

from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession

BY_LABEL = {profession.label: profession for profession in Profession}


def claim_of(persona: Mapping[str, Any]) -> PhysicianClaim | None:
    """Return what the persona types; None for who registers on the ordinary way."""
    return _claim({**persona.get("physician", {}), **persona.get("submit", {})})


def membership_of(persona: Mapping[str, Any]) -> PhysicianClaim | None:
    """Return what the register holds of the persona."""
    return _claim(persona.get("physician", {}))


def _claim(typed: Mapping[str, str]) -> PhysicianClaim | None:
    if "council_number" not in typed:
        return None
    number = CouncilNumber.parse(typed["council_number"])
    return PhysicianClaim(number, BY_LABEL[typed["profession"]])
