"""A person who has a keyboard and no mouse: Tab, Shift, Enter, arrows, and what they type."""

from dataclasses import dataclass

from playwright.sync_api import Page

LONGEST_WAY = 80
FOCUSED = "() => document.activeElement?.getAttribute('name') ?? ''"
WORDS = "() => document.activeElement?.textContent.trim() ?? ''"
STEPS = """(value) => {
  const list = document.activeElement;
  return [...list.options].findIndex((one) => one.value === value) - list.selectedIndex;
}"""
IS_LIST = "() => document.activeElement?.tagName === 'SELECT'"


@dataclass
class Keys:
    """The keyboard of one browser page."""

    page: Page

    def to_field(self, name: str) -> None:
        """Press Tab until the field with this name has the focus."""
        self._tab_until(FOCUSED, name)

    def to_control(self, words: str) -> None:
        """Press Tab until the link or button that says this has the focus."""
        self._tab_until(WORDS, words)

    def press(self, words: str) -> None:
        """Go to a link or button and press Enter."""
        self.to_control(words)
        self.page.keyboard.press("Enter")

    def fill(self, fields: dict[str, str]) -> None:
        """Type into the fields, in the page's order, and choose from lists with the arrows."""
        for name, value in fields.items():
            self.to_field(name)
            if self.page.evaluate(IS_LIST):
                for _ in range(self.page.evaluate(STEPS, value)):
                    self.page.keyboard.press("ArrowDown")
            else:
                self.page.keyboard.type(value)

    def _tab_until(self, what: str, wanted: str) -> None:
        for _ in range(LONGEST_WAY):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(what) == wanted:
                return
        raise AssertionError(f"Tab does not lead to {wanted}")
