"""The options of a list (``select``), whose markup is rendered once a process and language."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from markupsafe import escape

from idp.web.http.languages import Language, current


class Options:
    """The options of one list; iterated, they are in the language of the page.

    A list of cities has more than a thousand options: to render each at every request took most of
    the time of its page, and values beside their words a fifth of its bytes.
    """

    def __init__(self, read: Callable[[], Iterable[Any]]) -> None:
        """``read`` returns the options in the language of the page, always the same ones."""
        self._read = read
        self._rendered: dict[Language, str] = {}

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the options: pairs of value and words, or groups of such pairs."""
        return iter(self._read())

    def with_mark(self, chosen: str, mark: str, *, caller: Callable[[], str]) -> str:
        """Return the markup with ``mark`` at the end of the tag of the option ``chosen``, if any.

        ``caller`` renders all options without it: those without a ``value`` as the bare tag around
        their words, which are their value; ``lang`` alone may stand in it. One list must always be
        rendered alike.
        """
        language = current()
        if language not in self._rendered:
            self._rendered[language] = caller()
        markup = self._rendered[language]
        if not chosen:
            return markup
        words = f"{escape(chosen)}</option>"
        named = f'value="{escape(chosen)}"', f"<option>{words}", f'<option lang="fa">{words}'
        at = max(markup.find(one) for one in named)
        if at < 0:
            return markup
        end = markup.index(">", at)
        return markup[:end] + mark + markup[end:]
