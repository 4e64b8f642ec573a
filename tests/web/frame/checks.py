"""What must hold of any page in front of a browser; each check yields what is wrong, in words."""

import gzip
import re
from collections.abc import Iterator

from axe_core_python.sync_playwright import Axe

from tests.web.frame.stage import Stage

MOST_BYTES = 30_000
"""Of page, styles and scripts as they are sent, before the font."""
WEIGHED = {"text/html", "text/css", "text/javascript", "application/javascript"}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WCAG = {"type": "tag", "values": TAGS}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
AXE = Axe().axe_script
# Only what is wrong or undecided: a report with every option of a list that is well takes seconds.
VIOLATIONS = """(runOnly) => {
  const JUDGED = ["bgGradient", "bgOverlap", "shortTextContent"];
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => channels(colour).slice(0, 3).map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const isClear = (element) => channels(getComputedStyle(element).backgroundColor)[3] === 0;
  const drawn = (element) => {
    const before = element.previousElementSibling;
    const ground = before instanceof SVGCircleElement
      ? before : element.closest("svg").querySelector("rect");
    return [element, ground].map((one) => getComputedStyle(one).fill);
  };
  const written = (element) => {
    let ground = element;
    while (isClear(ground)) ground = ground.parentElement;
    return [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor];
  };
  const contrast = (element) => {
    const colours = element instanceof SVGElement ? drawn(element) : written(element);
    const lights = colours.map(light).sort((one, other) => other - one);
    return (lights[0] + 0.05) / (lights[1] + 0.05);
  };
  const isJudged = (id, { target, any }) => id === "color-contrast"
    && any.some(({ data }) => JUDGED.includes(data?.messageKey))
    && contrast(document.querySelector(target[0])) >= 4.5;
  const told = (id, nodes) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(", ")}`;
  return axe.run(document, { runOnly, resultTypes: ["violations", "incomplete"] })
    .then(({ violations, incomplete }) => [
      ...violations.map(({ id, nodes }) => told(id, nodes)),
      ...incomplete.map(({ id, nodes }) => [id, nodes.filter((node) => !isJudged(id, node))])
        .filter(([, nodes]) => nodes.length > 0)
        .map(([id, nodes]) => `undecided ${told(id, nodes)}`),
    ]);
}"""
"""What axe finds, and what it leaves to people and docs/develop/accessibility.md does not judge."""
UNFOLD = """(open) => {
  for (const one of document.querySelectorAll("details")) one.open = open;
}"""
WIDTHS = (320, 360, 1280)
BELOW_A_BUTTON, BELOW_TEXT = 8, 4
"""Pixels that text keeps free above it."""
INLINE = re.compile(r"<[^>]+\s(?:style|on\w+)=|<style|<script(?![^>]*\ssrc=)")
JUMPS = """() => new Promise((resolve) => {
  let sum = 0;
  const names = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      sum += one.value;
      names.push(...one.sources.map(({ node }) => node?.id || node?.className || node?.nodeName));
    }
  }).observe({ type: "layout-shift", buffered: true });
  const soon = () => setTimeout(() => resolve([sum, names]), 60);
  requestAnimationFrame(() => requestAnimationFrame(soon));
})"""
TOO_WIDE = """() => {
  const edge = document.documentElement.clientWidth + 0.5;
  if (document.documentElement.scrollWidth <= edge) return [];
  return [...document.querySelectorAll("body *")].filter((one) => {
    const rect = one.getBoundingClientRect();
    return (rect.right > edge || rect.left < -0.5) && rect.width > 1;
  }).map((one) => one.id || one.className || one.nodeName);
}"""
CLIPPED = """() => {
  const name = (one) => one.id || one.textContent.trim() || one.nodeName;
  const seen = (one) => one.getClientRects().length > 0 && !one.closest(".sr");
  const kinds = "button, .button, input:not([type=hidden]), select";
  const controls = [...document.querySelectorAll(kinds)].filter(seen);
  const found = [];
  for (const one of controls) {
    const style = getComputedStyle(one);
    const room = one.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    const line = parseFloat(style.fontSize);
    if (style.display === "inline") continue;
    const cutOff = one.scrollWidth > one.clientWidth + 1;
    if (cutOff && one.tagName !== "SELECT" && !one.value) found.push(`clipped: ${name(one)}`);
    if (room < line) found.push(`too low: ${name(one)}`);
  }
  controls.forEach((one, index) => {
    const a = one.getBoundingClientRect();
    for (const other of controls.slice(index + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      const b = other.getBoundingClientRect();
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 1) found.push(`over each other: ${name(one)}, ${name(other)}`);
    }
  });
  return found;
}"""
GLUED = """([ofButton, ofText]) => {
  const shown = (kind) => [...document.querySelectorAll(kind)].filter((one) =>
    one.getClientRects().length > 0 && !one.closest(".sr")
    && getComputedStyle(one).visibility === "visible");
  const told = (one) => one.textContent.trim().replace(/\\s+/g, " ").slice(0, 40);
  const down = (one, below) =>
    below.getBoundingClientRect().top - one.getBoundingClientRect().bottom;
  const isAcross = (one, other) => {
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    return Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1;
  };
  const isNear = (one, below, least) => down(one, below) > -1 && down(one, below) < least - 0.5;
  const found = [];
  const texts = shown("main p, main h1, main h2, main h3, main li, main label, main legend");
  for (const button of shown("main .button:not(.link)"))
    for (const text of texts)
      if (!text.contains(button) && isAcross(button, text) && isNear(button, text, ofButton))
        found.push(`glued to a button: ${told(text)}`);
  for (const text of shown(".card > p, .card > h1, .card > h2")) {
    const next = text.nextElementSibling;
    if (next?.matches("p") && isNear(text, next, ofText)) found.push(`glued: ${told(next)}`);
  }
  return found;
}"""
"""Text nearer to what stands above it than a reader expects of another thought."""
FRAME = """() => {
  const found = [];
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  if (!document.title.trim()) found.push("no title");
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!one.labels.length) found.push(`no label: ${one.name || one.id}`);
  for (const one of document.querySelectorAll("[aria-describedby]"))
    for (const id of one.getAttribute("aria-describedby").split(" "))
      if (!document.getElementById(id)) found.push(`describes nothing: ${id}`);
  const { lang, dir } = document.documentElement;
  if (getComputedStyle(document.body).direction !== dir) found.push("direction");
  return [...found, `${lang} ${dir}`];
}"""


def answer(stage: Stage, template: str) -> Iterator[str]:
    """The page itself, and not an error page in its place, which is sound as well."""
    assert stage.shown is not None
    if stage.shown.status_code == 500 and template != "error.html":
        yield f"status {stage.shown.status_code}"


def frame(stage: Stage, language: str) -> Iterator[str]:
    """Labels, one heading, a title, language and direction."""
    *found, told = stage.page.evaluate(FRAME)
    yield from found
    if told != {"fa": "fa rtl", "en": "en ltr"}[language]:
        yield f"lang and dir: {told}"


def origin(stage: Stage) -> Iterator[str]:
    """One origin, nothing inline, nothing that the console complains about (the CSP does there)."""
    yield from (f"from elsewhere: {url}" for url in stage.strangers)
    yield from (f"console: {text}" for text in stage.complaints)
    assert stage.shown is not None
    yield from (f"inline: {one}" for one in INLINE.findall(stage.shown.text))


def weight(stage: Stage) -> Iterator[str]:
    """The bytes before the font as they are sent: the login page, where portals lead, is plain."""
    assert stage.shown is not None
    entry = stage.shown.request.path == "/login"
    sent = sum(
        len(content if entry and kind == "text/html" else gzip.compress(content, 5))
        for kind, content in stage.sent.values()
        if kind in WEIGHED
    )
    if sent > MOST_BYTES:
        yield f"{sent} bytes"


def stillness(stage: Stage) -> Iterator[str]:
    """No layout shift, with scripts and font later than the first paint."""
    moved, names = stage.page.evaluate(JUMPS)
    if moved > 0:
        yield f"jumps by {moved:.4f}: {names}"


def axe(stage: Stage) -> Iterator[str]:
    """Axe in light, and its contrast in dark; what is folded up is unfolded, to be seen too."""
    stage.page.evaluate(AXE)
    stage.page.evaluate(UNFOLD, True)
    for scheme, rules in (("light", WCAG), ("dark", CONTRAST)):
        stage.page.emulate_media(color_scheme=scheme)
        yield from (f"axe, {scheme}: {one}" for one in stage.page.evaluate(VIOLATIONS, rules))
    stage.page.emulate_media(color_scheme="light")
    stage.page.evaluate(UNFOLD, False)


def width(stage: Stage) -> Iterator[str]:
    """Nothing sticks out, and no text is glued to what is above, from a narrow phone to a desk."""
    for pixels in WIDTHS:
        stage.page.set_viewport_size({"width": pixels, "height": 780})
        glued = stage.page.evaluate(GLUED, [BELOW_A_BUTTON, BELOW_TEXT])
        for one in (*stage.page.evaluate(TOO_WIDE), *glued):
            yield f"at {pixels} px: {one}"


def large_text(stage: Stage) -> Iterator[str]:
    """Text of double size, on a phone and on a desk."""
    stage.page.evaluate("document.documentElement.style.fontSize = '200%'")
    for pixels in (360, 1280):
        stage.page.set_viewport_size({"width": pixels, "height": 780})
        for one in (*stage.page.evaluate(CLIPPED), *stage.page.evaluate(TOO_WIDE)):
            yield f"200 %, {pixels} px: {one}"
    stage.page.evaluate("document.documentElement.style.fontSize = ''")


def forced(stage: Stage) -> Iterator[str]:
    """High contrast and reduced motion: every button is there, and none is cut off."""
    stage.page.set_viewport_size({"width": 360, "height": 780})
    stage.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    yield from (f"forced colours: {one}" for one in stage.page.evaluate(CLIPPED))
    stage.page.emulate_media(forced_colors="none", reduced_motion="no-preference")
