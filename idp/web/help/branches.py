"""The branches of a province or city, by an address that can be shared."""

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.branches.branch import LONGEST_CITY, Branch, province_of
from idp.domain.people.places import PROVINCES
from idp.domain.persian.characters import has_persian_letters
from idp.web.forms.options import Options
from idp.web.http.languages import gettext

bp = Blueprint("branches", __name__, url_prefix="/branches")

PROVINCE_OPTIONS = Options(lambda: ((one.name, gettext(one.name)) for one in PROVINCES))


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the form, and the branches of the province and city in the address."""
    province = province_of(request.args.get("province", "")[:LONGEST_CITY])
    city = _shown(request.args.get("city", ""))
    found = deps().branches.find(province, city)
    return render_template(
        "help/branches.html",
        provinces=PROVINCE_OPTIONS,
        province=province or "",
        city=city,
        city_is_persian=has_persian_letters(city),
        longest=LONGEST_CITY,
        is_search=bool(province or city),
        found=found,
        cities=_by_city(found.branches),
        are_known=bool(found.branches) or deps().branches.are_known(),
    )


def _shown(typed: str) -> str:
    """Return what was typed, without what no page can show."""
    return "".join(filter(str.isprintable, typed[:LONGEST_CITY].replace("\u200c", " "))).strip()


def _by_city(branches: Sequence[Branch]) -> list[tuple[str, list[Branch]]]:
    """Return the branches by city, both in the order of the list."""
    cities = list(dict.fromkeys(one.city for one in branches))
    in_order = sorted(branches, key=lambda one: cities.index(one.city))
    return [(city, list(group)) for city, group in groupby(in_order, key=lambda one: one.city)]
