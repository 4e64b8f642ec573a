"""The reference registries: embedded, or behind HTTP in one of several dialects."""

from collections.abc import Callable, Collection, Mapping

from idp.adapters.registries.government_bus import (
    BUS_NOT_FOUND,
    BusCivilRegistry,
    BusMobileOwnership,
)
from idp.adapters.registries.http_json import HttpEndpoint, JsonService
from idp.adapters.registries.medical_council import BusMedicalCouncil
from idp.adapters.registries.uid_gateway import UidCivilRegistry, UidMobileOwnership
from idp.adapters.registries.zohal_gateway import ZohalCivilRegistry, ZohalMobileOwnership
from idp.domain.people.physician import Profession
from idp.ports import CivilRegistry, Clock, MedicalCouncil, MobileOwnership


def civil_registry(
    dialect: str, endpoint: HttpEndpoint, *, not_found_codes: Collection[str] = ()
) -> CivilRegistry:
    """Return the civil registry behind ``endpoint``; raises KeyError for an unknown dialect.

    ``not_found_codes`` are the provider's codes for an unknown person; if empty, the dialect's own
    apply. Zohal has no such code, but a member of its answer.
    """
    codes = frozenset(not_found_codes)
    dialects: dict[str, Callable[[JsonService], CivilRegistry]] = {
        "government_bus": lambda service: BusCivilRegistry(service, codes or BUS_NOT_FOUND),
        "uid": lambda service: UidCivilRegistry(service, codes),
        "zohal": ZohalCivilRegistry,
    }
    return dialects[dialect](JsonService("civil", endpoint))


def mobile_ownership(
    dialect: str, endpoint: HttpEndpoint, *, clock: Clock, six_digits: Callable[[], str]
) -> MobileOwnership:
    """Return the ownership service behind ``endpoint``; raises KeyError for an unknown dialect.

    ``clock`` and ``six_digits`` make the request ids of the government bus.
    """

    def bus(service: JsonService) -> MobileOwnership:
        return BusMobileOwnership(service, clock=clock, six_digits=six_digits)

    dialects: dict[str, Callable[[JsonService], MobileOwnership]] = {
        "government_bus": bus,
        "uid": UidMobileOwnership,
        "zohal": ZohalMobileOwnership,
    }
    return dialects[dialect](JsonService("ownership", endpoint))


def medical_council(
    endpoint: HttpEndpoint,
    *,
    not_found_codes: Collection[str] = (),
    professions: Mapping[str, Profession],
) -> MedicalCouncil:
    """Return the medical council behind ``endpoint``, on the government bus.

    ``not_found_codes`` as for the civil registry; ``professions`` by the provider's codes.
    """
    service = JsonService("council", endpoint)
    return BusMedicalCouncil(service, frozenset(not_found_codes), professions)
