"""What is written down of the town's hour and of the physician's day."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.crowd.citizens import Citizen, Wish
from tests.crowd.hour import Hour, Size
from tests.crowd.physician import Day


def of_hour(hour: Hour, size: Size) -> Iterator[str]:
    """Return the lines about the hour."""
    yield "## The hour"
    yield ""
    yield "| came to | came | arrived | asked for work | computed (s) | waited (s) |"
    yield "|---|---|---|---|---|---|"
    for wish in Wish:
        for name, has_script in (("", True), (", without scripts", False)):
            some = [c for c in hour.citizens if c.wish is wish and c.has_script is has_script]
            yield f"| {wish.value}{name} | {_row(some)} |"
    yield ""
    yield "Computed: seconds of a mid-range phone; waited: before pages that ask for work, all in"
    yield "all, on the citizen's own phone, which is up to four times as slow. Median, 95th"
    yield "percentile and longest of those who were asked."
    yield ""
    yield f"Citizens were answered: {_statuses(hour.statuses)}."
    yield f"Strangers were answered: {_statuses(_of_strangers(hour))}; they computed"
    computed = sum(one.visitor.spent.computed for one in hour.strangers)
    yield f"{computed:.0f} seconds of a mid-range phone. {hour.town.requests} requests in all."
    yield ""
    yield from _messages(hour, size)


def of_day(day: Day) -> Iterator[str]:
    """Return the lines about the physician."""
    yield "## The physician"
    yield ""
    yield f"Strangers were answered: {_statuses(day.guesses)}."
    yield ""
    yield "| hour | device | signed in after (s) | computed (s) | answered |"
    yield "|---|---|---|---|---|"
    for one in day.sign_ins:
        spent = one.citizen.visitor.spent
        took = "not at all" if one.seconds is None else f"{one.seconds:.0f}"
        answers = _statuses(spent.statuses)
        yield f"| {one.hour:g} | {one.device} | {took} | {spent.computed:.0f} | {answers} |"


def of_what_is_left() -> Iterator[str]:
    """Return the lines about whom strangers can still keep out."""
    yield "## What is left"
    yield ""
    yield "Codes that anybody can have sent are few for each phone, whoever asks: strangers who ask"
    yield "for all of them keep its owner from registering, and from recovering on a new device,"
    yield "until the hour or the day is over. While fewer than one code in four comes back, phones"
    yield "that answered none within 30 days share a tenth of the budget. Without scripts the"
    yield "tickets that strangers of the same network leave lying come first. A physician on a new"
    yield "device shares the one turn of her network in a long queue with the strangers on it: with"
    yield "20 of them on it and 200 elsewhere she was answered 503 for ten minutes and was not in."
    yield "On a known device none of this holds ([security.md](security.md), Limits)."


def _row(some: Sequence[Citizen]) -> str:
    arrived = sum(citizen.arrived_at is not None for citizen in some)
    worked = [citizen.visitor.spent for citizen in some if citizen.visitor.spent.works]
    share = f"{100 * len(worked) / len(some):.0f} %" if some else "–"
    computed = _three([one.computed for one in worked])
    return f"{len(some)} | {arrived} | {share} | {computed} | {_three([o.waited for o in worked])}"


def _messages(hour: Hour, size: Size) -> Iterator[str]:
    wanted, unwanted = [], []
    for citizen in hour.citizens:
        causes = Counter(
            letter.caused_by == citizen.visitor.name
            for letter in hour.town.letters[citizen.mobile.e164]
            if letter.caused_by != "at home"
        )
        wanted.append(float(causes[True]))
        unwanted.append(float(causes[False]))
    yield f"SMS that citizens asked for: {sum(wanted):.0f}. SMS that strangers caused:"
    yield f"{sum(unwanted):.0f}; by phone of {size.citizens}: median, 95th percentile, most:"
    yield f"{_three(unwanted)}."


def _of_strangers(hour: Hour) -> Counter[int]:
    return sum((one.visitor.spent.statuses for one in hour.strangers), Counter())


def _statuses(statuses: Counter[int]) -> str:
    return ", ".join(f"{count} of {status}" for status, count in sorted(statuses.items()))


def _three(values: list[float]) -> str:
    if not values:
        return "–"
    ordered = sorted(values)
    middle, most = ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100]
    return f"{middle:.0f}, {most:.0f}, {ordered[-1]:.0f}"
