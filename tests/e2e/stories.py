"""What each persona reads, from the first page to the SMS: docs/generated/stories.md."""

import re
from html.parser import HTMLParser

from tests.e2e.citizens import Citizen
from tests.e2e.demo import Demo
from tests.e2e.people import every_persona, person

HEAD = """# Stories

What each persona of the sample registry reads, from the first page to the SMS.
`make stories` writes this file by walking through a running demo; a test fails when a page
says something else. Codes, numbers and times are left out: […].
"""
BLOCKS = {"p", "li", "h1", "h2", "label", "legend", "button", "dt", "dd", "td", "th", "div", "a"}
ITEMS = {
    "li": "- {}",
    "a": "- {}",
    "button": "- [{}]",
    "label": "- {}: ____",
    "legend": "- {}:",
} | {
    "dt": "- {}:",
    "dd": "- {}",
}
"""How a list says them."""
SKIPPED = {"select", "script", "style", "svg"}
VARYING = [
    (re.compile(r"[۰-۹]+\s[آ-ی]+ [۰-۹]{4} ساعت\s[۰-۹]+:[۰-۹]+"), "[…]"),
    (re.compile(r"\b[0-9]{6,}\b"), "[…]"),
    (re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])"), "[…]"),
    (re.compile(r"127\.0\.0\.1(:[0-9]+)?"), "account.tamin.ir"),
]
RESULTS = {
    "activated": "فعال گردید",
    "branch": "تأیید شد، جهت فعال سازی",
    "mismatch": "مطابقت ندارد",
    "checking": "صحت سنجی اطلاعات شما هنوز",
}
"""Words of the SMS that ends a story, by the expected state of the case."""
LATE = {"mobile_unknown", "registry_down", "physician_council_down"}
"""Whose result comes two hours before the end of the 48."""
ALSO = {"physician_of_other": "حرفه و شماره نظام پزشکی شما تأیید نشد"}
"""Words of a second SMS."""
Story = list[str]


class Words(HTMLParser):
    """The words of a page's content: each block with the kind of its element."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        self._kind = ""
        self._inside: list[str] = []
        self._in_sentence = False
        """The last link began in the middle of a sentence, and is part of it."""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_unseen = tag in SKIPPED or ("hidden", None) in attrs or ("class", "steps") in attrs
        if tag == "main" or is_unseen:
            self._inside.append(tag)
        self._in_sentence = tag == "a" and self._has_words()
        if tag in BLOCKS and not self._in_sentence:
            self._begin(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside[-1:] == [tag]:
            self._inside.pop()
        if tag in BLOCKS and not (tag == "a" and self._in_sentence):
            self._begin("")

    def handle_data(self, data: str) -> None:
        if self._inside == ["main"] and data.strip():
            if not self.blocks:
                self._begin(self._kind)
            self.blocks[-1] = (self.blocks[-1][0], self.blocks[-1][1] + data)

    def _has_words(self) -> bool:
        return bool(self._kind and self.blocks and self.blocks[-1][1].strip())

    def _begin(self, kind: str) -> None:
        # What stands in an item of a list is the item.
        self._kind = "li" if kind == "a" and self._kind == "li" else kind
        self.blocks.append((self._kind, ""))


def written(demo: Demo) -> str:
    """Return the whole file, after walking through the demo as each persona."""
    stories = {name: _begin(demo, name) for name in every_persona()}
    demo.hours_later(46)
    for name in LATE:
        stories[name] += _sms(demo, name)
    parts = [HEAD, *("\n".join([f"## {name}", "", *lines]) for name, lines in stories.items())]
    return "\n".join(parts).rstrip() + "\n"


def _begin(demo: Demo, name: str) -> Story:
    """Walk as far as the persona gets before the clock is moved."""
    citizen = Citizen(demo, person(name))
    walk, typed = citizen.walk, citizen.person
    told = _page(walk.open(demo.portal(1)).markup)
    way = "register/physicians" if typed.claim else "register"
    told += _page(walk.open(f"{demo.hub}/{way}").markup)
    told += _page(walk.submit(typed.step_one()).markup)
    code = demo.code(typed.mobile, for_what="ثبت نام")
    told += _message(demo.texts(typed.mobile)[0])
    told += _page(walk.submit({"code": code}).markup)
    told += _page(walk.submit(typed.step_two() | typed.claim).markup)
    walk.submit({})
    expected = every_persona()[name]
    if expected in RESULTS and name not in LATE:
        told += _sms(demo, name)
        walk.open(walk.here)  # it tells the state of now: only from here on it is one
    told += _page(walk.markup)
    if name in ALSO:
        told += _message(demo.text(typed.mobile, ALSO[name]))
    if expected == "activated":
        told += _sign_in(citizen)
    return told


def _sms(demo: Demo, name: str) -> Story:
    return _message(demo.text(person(name).mobile, RESULTS[every_persona()[name]]))


def _sign_in(citizen: Citizen) -> Story:
    demo, walk = citizen.demo, citizen.walk
    walk.open(demo.portal(1))
    citizen.enter()
    told = _page(walk.markup)
    if walk.path != "/login/code":  # the browser that registered is known
        return told
    code = demo.code(citizen.person.mobile, for_what="ورود")
    told += _message(demo.texts(citizen.person.mobile)[0])
    return told + _page(walk.submit({"code": code}).markup)


def _page(markup: str) -> Story:
    """Return a page as a heading, its paragraphs, and its fields, links and buttons as lists."""
    blocks = [(kind, _steady(" ".join(text.split()))) for kind, text in Words(markup).blocks]
    told: Story = []
    for kind, text in blocks:
        if text:
            is_item = kind in ITEMS
            if not (is_item and told[-1:] and told[-1].startswith("- ")):
                told.append("")
            told.append(ITEMS[kind].format(text) if is_item else text)
    heading = next(text for kind, text in blocks if kind == "h1")
    rest = [line for line in told if line != heading]
    return [f"### {heading}", *(rest[1:] if rest[:2] == ["", ""] else rest), ""]


def _message(text: str) -> Story:
    words = text.split("·", 1)[-1]
    return ["### پیامک", "", f"> {_steady(' '.join(words.split())).removeprefix('[…] ')}", ""]


def _steady(text: str) -> str:
    for pattern, instead in VARYING:
        text = pattern.sub(instead, text)
    return text
