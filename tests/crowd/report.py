"""What is written down of the town's hour and of the physician's day."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.crowd import physician
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
    verified = sum(one.verified for one in day.strangers)
    computed = sum(one.computed for one in day.strangers)
    yield "The same strangers guess the password of one physician, without a pause. She comes on"
    yield "her known device, on a new one behind the address that the neighbours share with her,"
    yield "there with an old phone too, which is four times as slow, and on a new device behind an"
    yield "address of her own."
    yield ""
    yield f"The strangers guessed {verified} times and computed {computed:.0f} seconds of a"
    yield f"mid-range phone, {computed / max(1, verified):.0f} a guess. They begin"
    yield f"{physician.BEFORE:.0f} seconds before each of her hours and go on until she is in."
    yield "Between these hours nothing is lost: what they move is forgotten within a quarter of an"
    yield "hour, but for the wrong passwords of the day, which are past their last mark within"
    yield "minutes and stay there. The price of a turn follows its queue within minutes."
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
    yield "tickets that strangers of the same network leave lying come first; at an account that is"
    yield "flooded that can be hours. Whoever signs in on a new device behind the address of those"
    yield "who flood her account computes as long as they can just pay one turn a second: some"
    yield "minutes, and four times as long on an old phone. Strangers who compute more than a"
    yield "thousand phones make that a queue, which grows while they go on. On a known device none"
    yield "of this holds ([rate limits](../operate/rate-limits.md))."


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
