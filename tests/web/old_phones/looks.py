"""What a page must look like on an old phone; the check yields what is wrong, in words."""

from collections.abc import Iterator

from tests.web.frame.checks import CLIPPED
from tests.web.old_phones.old_stage import OldStage

FIELDS = """() => [...document.querySelectorAll(
  "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select"
)].filter((one) => one.getClientRects().length > 0 && !one.closest(".sr")).flatMap((one) => {
  const { fontSize, borderTopLeftRadius } = getComputedStyle(one);
  const found = [];
  if (one.offsetHeight < 40) found.push(`${one.offsetHeight} px high: ${one.name || one.id}`);
  if (parseFloat(fontSize) < 16) found.push(`letters of ${fontSize}: ${one.name || one.id}`);
  if (!parseFloat(borderTopLeftRadius)) found.push(`without its style: ${one.name || one.id}`);
  return found;
})"""
"""Letters under 16 px make a phone zoom in when the field is touched."""

ROWS = """() => {
  const rows = [".masthead-inner", ".foot", ".links", ".actions", ".steps", ".account-nav ul",
    ".pager", ".trio", ".duo"].join();
  const found = [];
  for (const row of document.querySelectorAll(rows)) {
    const seen = [...row.children].filter(
      (one) => one.getClientRects().length > 0 && !one.matches(".sr"));
    for (let at = 1; at < seen.length; at += 1) {
      const [a, b] = [seen[at - 1].getBoundingClientRect(), seen[at].getBoundingClientRect()];
      const onOneLine = Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top);
      const between = Math.max(a.left, b.left) - Math.min(a.right, b.right);
      if (onOneLine && between < 4)
        found.push(`no room between "${seen[at - 1].innerText}" and "${seen[at].innerText}"`);
    }
  }
  return found;
}"""

SIDES = """() => {
  const rtl = document.documentElement.dir === "rtl";
  const found = [];
  const start = (rect) => (rtl ? innerWidth - rect.right : rect.left);
  const end = (rect) => (rtl ? rect.left : innerWidth - rect.right);
  // The items of a list are indented.
  const lines = "h1, h2, .field > label, .field > legend, .hint:not(ul)";
  for (const one of document.querySelectorAll(lines)) {
    if (!one.getClientRects().length || !one.innerText.trim()) continue;
    const words = document.createRange();
    words.selectNodeContents(one);
    const off = start(words.getBoundingClientRect()) - start(one.getBoundingClientRect());
    if (Math.abs(off) > 2) found.push(`does not begin at the start: ${one.innerText}`);
  }
  for (const mark of document.querySelectorAll(".field > .good, .field > .reveal")) {
    const at = mark.getBoundingClientRect();
    if (end(at) - end(mark.parentElement.getBoundingClientRect()) > 8)
      found.push(`not at the end: ${mark.className} of ${mark.parentElement.innerText}`);
    for (const other of mark.parentElement.querySelectorAll("input, select, .hint, .error")) {
      const its = other.getBoundingClientRect();
      const across = Math.min(at.right, its.right) - Math.max(at.left, its.left);
      const down = Math.min(at.bottom, its.bottom) - Math.max(at.top, its.top);
      if (across > 1 && down > 1) found.push(`${mark.className} lies on ${other.id}`);
    }
  }
  return found;
}"""

TARGETS = """() => [...document.querySelectorAll(".summary a, .links a, .switch, button:not(.sr)")]
  .filter((one) => one.getClientRects().length > 0 && one.getBoundingClientRect().height < 24)
  .map((one) => `a target under 24 px: ${one.innerText}`)"""

WORDS = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  return [...document.querySelectorAll("select")].filter((one) => {
    if (!one.getClientRects().length || one.selectedIndex < 0) return false;
    const { font, paddingLeft, paddingRight } = getComputedStyle(one);
    pen.font = font;
    const room = one.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    return pen.measureText(one.selectedOptions[0].label).width > room + 0.5;
  }).map((one) => `cut off: ${one.selectedOptions[0].label}`);
}"""

UNKNOWN = """() => [...document.querySelectorAll("*")]
  .filter((one) => one instanceof HTMLUnknownElement)
  .map((one) => `no element: ${one.localName}`)"""


def looks(stage: OldStage) -> Iterator[str]:
    """Fields styled, rows spaced, marks and words at their side, nothing clipped or too low."""
    for check in (FIELDS, ROWS, SIDES, TARGETS, WORDS, UNKNOWN, CLIPPED):
        yield from stage.page.evaluate(check)
