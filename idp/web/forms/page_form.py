"""The form of a page: Flask-WTF's, with our check against forged requests behind its hook."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import abort, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.fields import HiddenField

from idp.web.forms.fields import Hidden, Text, refuse_doubled
from idp.web.http import security


class TokenField(CSRFTokenField):
    """The hidden field of the token, which is made only where a page prints it."""

    @property
    def current_token(self) -> str:
        """Return the token for this page."""
        return str(self.csrf_impl.generate_csrf_token(self))

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the field as any other, without a token beforehand."""
        HiddenField.process(self, *args, **kwargs)


class BrowserToken(CSRF):
    """The token of this browser's forms: ``http.security`` makes and checks it.

    It stands in the request, not in the form: a form that was held for its work has none.
    """

    field_class = TokenField

    def generate_csrf_token(self, field: TokenField) -> str:
        """Return a token, under a mask of its own."""
        return security.csrf_token()

    def validate_csrf_token(self, form: "PageForm", field: TokenField) -> None:
        """Answer 403 where ``refuse_cross_site`` let in a request without looking at it."""
        if request.method not in security.SAFE_METHODS and not security.is_our_form():
            abort(403)


class PageForm(FlaskForm):
    """A form of our pages: its fields stand in the order of the page, which is that of errors.

    Without ``formdata`` nothing was sent; ``values`` are what the page fills in itself.
    """

    class Meta:
        """What WTForms asks of us."""

        csrf = True
        csrf_class = BrowserToken
        csrf_field_name = security.CSRF_FIELD

        def wrap_formdata(
            self, form: "PageForm", formdata: MultiDict[str, str] | None
        ) -> MultiDict[str, str] | None:
            """Refuse a form with a field that was sent twice."""
            if formdata is not None:
                refuse_doubled(formdata)
            return formdata

    account = Hidden()
    """Whose page it is (``whose``)."""

    def __init__(self, formdata: MultiDict[str, str] | None = None, **values: str) -> None:
        super().__init__(formdata, **values)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Return whether no field has an error; the check of one may note it at another."""
        super().validate(extra_validators)
        return not self.errors

    @property
    def token(self) -> str:
        """Return the token that the page prints into the form."""
        return str(self.csrf_token.current_token)

    @property
    def controls(self) -> list[Text]:
        """Return the fields in the order of the page, without that of the token."""
        return [field for field in self if isinstance(field, Text)]

    @property
    def complaints(self) -> list[tuple[str, str]]:
        """Every error with its field, for the list above the form.

        Among several, a sentence that does not name its field gets the label in front.
        """
        listed = [(field, sentence) for field in self.controls for sentence in field.errors]
        is_alone = len(listed) == 1
        return [
            (field.name, sentence if is_alone else field.named(sentence))
            for field, sentence in listed
        ]

    def typed(self) -> dict[str, str]:
        """Return what was typed, but for secrets and what the page writes itself."""
        kept = (field.typed for field in self.controls if field.is_kept)
        return {name: text for one in kept for name, text in one.items() if text}

    def good(self) -> list[str]:
        """Return the names of the fields that are right."""
        return sorted(field.name for field in self.controls if field.is_good)

    def codes(self) -> list[list[str]]:
        """Return the errors that a code names, each with its field."""
        return [[field.name, code] for field in self.controls for code in field.codes]

    def restore(self, errors: Mapping[str, list[str]], good: Iterable[str]) -> None:
        """Take over what was wrong and right with the form when it was refused."""
        for field in self.controls:
            field.restore(errors.get(field.name, []), is_right=field.name in good)


class ButtonForm(PageForm):
    """A form that has nothing but its button."""
