"""Takes the guide's pictures of the screens, and tells by a fingerprint whether they still hold."""

import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import NamedTuple

from playwright.sync_api import Browser as Chromium
from werkzeug.test import TestResponse

from idp.web.guide import pictures
from tests.web.frame.guide_screens import SCREENS, Screen, callout_texts
from tests.web.frame.small_png import Press
from tests.web.frame.stage import staged
from tests.web.hub import ORIGIN, Browser, Hub, words

LANGUAGES = ("fa", "en")
STYLESHEETS = ("/static/hub.css", "/static/signin.css")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NARROW, WIDE = 360, 720
SHARPNESS = 1.5
"""Points of the picture for each of the page: what a phone shows."""
LAYER = """([links, callouts]) => {
  const layer = document.createElement("div");
  layer.id = "drawn";
  Object.assign(layer.style, { position: "absolute", inset: "0", zIndex: 9 });
  document.body.append(layer);
  const put = (rect, style, text = "") => {
    const one = document.createElement("div");
    one.textContent = text;
    Object.assign(one.style, { position: "absolute", boxSizing: "border-box", ...style,
      left: `${rect.x + scrollX}px`, top: `${rect.y + scrollY}px`,
      width: `${rect.width}px`, height: `${rect.height}px` });
    layer.append(one);
  };
  const grown = (r, by) => new DOMRect(r.x - by, r.y - by, r.width + 2 * by, r.height + 2 * by);
  for (const selector of links) {
    const rect = document.querySelector(selector).getBoundingClientRect();
    put(grown(rect, 6), { border: "3px solid #c2410c", borderRadius: "10px" });
  }
  for (const [selector, text] of callouts) {
    const hint = document.querySelector(selector);
    const field = hint.closest(".field").querySelector("input, select").getBoundingClientRect();
    put(grown(field, 3), { border: "3px solid #c2410c", borderRadius: "12px" });
    const rect = hint.getBoundingClientRect();
    const tip = new DOMRect(rect.x + rect.width / 2 - 7, rect.y - 5, 14, 14);
    put(tip, { background: "#c2410c", transform: "rotate(45deg)" });
    put(new DOMRect(rect.x, rect.y, rect.width, 26), { background: "#c2410c", color: "#fff",
      borderRadius: "8px", font: "700 13px/26px Vazirmatn", textAlign: "center" }, text);
  }
}"""


class Frame(NamedTuple):
    """A picture that the guide needs: the screen, its language and way, and the page itself."""

    screen: Screen
    language: str
    phone_proof: bool
    citizen: Browser
    answer: TestResponse

    def name(self, *, wide: bool = False) -> str:
        way = {"phone_proof": self.phone_proof, "wide": wide}
        return pictures.key_of(self.screen.id, self.language, **way)

    def fingerprint(self) -> str:
        """Return the digest of what was pictured: words without their numbers, and the styles."""
        pieces = [re.sub(r"[0-9۰-۹]+", "0", words(self.answer)), repr(self.screen[2:]), LAYER]
        pieces += [
            COMMENT.sub("", stylesheet.get_data(as_text=True))
            for stylesheet in (
                self.citizen.client.get(path, base_url=ORIGIN, buffered=True)
                for path in STYLESHEETS
            )
        ]
        return sha256("\n".join(pieces).encode()).hexdigest()


def frames(make_hub: Callable[..., Hub]) -> Iterator[Frame]:
    """Yield every picture: of the default, and of the guide's way where its words differ."""
    known: set[tuple[str, str]] = set()
    for phone_proof in (True, False):
        for screen in SCREENS:
            for language in LANGUAGES:
                citizen = make_hub(guide=not phone_proof).browser()
                citizen.client.set_cookie("hub_language", language, domain="127.0.0.1")
                frame = Frame(screen, language, phone_proof, citizen, screen.walk(citizen))
                if (screen.id, frame.fingerprint()) not in known:
                    known.add((screen.id, frame.fingerprint()))
                    yield frame


def take(chromium: Chromium, press: Press, frame: Frame, *, wide: bool) -> bytes:
    """Take the picture of a real browser's page, with the guide's marks drawn over it."""
    size = {"width": WIDE if wide else NARROW, "height": 640}
    options = {"viewport": size, "device_scale_factor": SHARPNESS, "color_scheme": "light"}
    with staged(chromium, frame.citizen, **options) as stage:
        page = stage.show(frame.answer)
        page.evaluate("document.fonts.ready")
        page.evaluate("document.activeElement?.blur()")
        with frame.citizen.hub.app.test_request_context(
            base_url=ORIGIN, headers={"Cookie": f"hub_language={frame.language}"}
        ):
            callouts = callout_texts(frame.screen)
        links = [f'.links a[href$="{frame.screen.marked}"]'] if frame.screen.marked else []
        page.evaluate(LAYER, [links, callouts])
        top = page.locator(frame.screen.first).first.bounding_box()
        foot = page.locator(frame.screen.last).last.bounding_box()
        assert top
        assert foot
        end = foot["y"] + foot["height"] + 12
        above = max(0, top["y"] - 12)
        clip = {"x": 0, "y": above, "width": size["width"], "height": end - above}
        png = page.screenshot(full_page=True, clip=clip)
        page.evaluate("document.getElementById('drawn').remove()")
    return press.press(png)
