"""Parts of a blank form, which look the same to everybody: rendered once a language."""

from collections.abc import Callable

from flask import request

from idp.web.forms.page_form import PageForm
from idp.web.http.languages import Language, current


class BlankParts:
    """Keeps the markup of form parts in which nothing stands yet.

    Most citizens see a form blank: to render its fields anew took most of the time of its page.
    """

    def __init__(self) -> None:
        self._rendered: dict[tuple[type[PageForm], str, Language, str], str] = {}

    def __call__(self, form: PageForm, part: str, *, caller: Callable[[], str]) -> str:
        """Return what ``caller`` renders; of a blank form as it was rendered before.

        ``caller`` reads the form, sentences, lists and settings: nothing of a request or citizen.
        """
        if not form.is_blank:
            return caller()
        key = type(form), part, current(), request.script_root
        if key not in self._rendered:
            self._rendered[key] = caller()
        return self._rendered[key]
