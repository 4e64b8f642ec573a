"""The form of a page: Flask-WTF's, with the hub's CSRF check behind its hook."""

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
    """The hidden field of the CSRF token, which is made only when a page prints it."""

    @property
    def current_token(self) -> str:
        """Return the token for this page."""
        return str(self.csrf_impl.generate_csrf_token(self))

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the field as any other, without a token beforehand."""
        HiddenField.process(self, *args, **kwargs)


class BrowserToken(CSRF):
    """The CSRF token of this browser's forms: ``http.security`` makes and checks it.

    The check reads the request, not this form: a form held for proof of work has no token.
    """

    field_class = TokenField

    def generate_csrf_token(self, field: TokenField) -> str:
        """Return a freshly masked token."""
        return security.csrf_token()

    def validate_csrf_token(self, form: "PageForm", field: TokenField) -> None:
        """Answer 403 to an unsafe request that ``refuse_cross_site`` has not checked."""
        if request.method not in security.SAFE_METHODS and not security.is_our_form():
            abort(403)


class PageForm(FlaskForm):
    """A form of a page; its fields, and so its errors, are in the order of the page.

    Without ``formdata`` nothing was sent; ``values`` are what the page fills in itself.
    """

    class Meta:
        """The options that WTForms reads."""

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
    """Names the account that the page was shown to (``whose``)."""

    def __init__(self, formdata: MultiDict[str, str] | None = None, **values: str) -> None:
        super().__init__(formdata, **values)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Return whether no field has an error; one field's check may note it at another."""
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
    def is_blank(self) -> bool:
        """Return whether nothing was typed into any field, refused or accepted."""
        return all(field.is_blank for field in self.controls)

    @property
    def complaints(self) -> list[tuple[str, str]]:
        """Return every error with its field, for the list above the form.

        Among several, a sentence that does not name its field gets the label in front.
        """
        listed = [(field, sentence) for field in self.controls for sentence in field.errors]
        is_alone = len(listed) == 1
        return [
            (field.name, sentence if is_alone else field.named(sentence))
            for field, sentence in listed
        ]

    def typed(self) -> dict[str, str]:
        """Return what was typed, but for secrets and hidden fields."""
        kept = (field.typed for field in self.controls if field.is_kept)
        return {name: text for one in kept for name, text in one.items() if text}

    def good(self) -> list[str]:
        """Return the names of the valid fields."""
        return sorted(field.name for field in self.controls if field.is_good)

    def codes(self) -> list[list[str]]:
        """Return the errors that have a message code, as pairs of field name and code."""
        return [[field.name, code] for field in self.controls for code in field.codes]

    def restore(self, errors: Mapping[str, list[str]], good: Iterable[str]) -> None:
        """Restore the errors and marks that the form had when it was refused."""
        for field in self.controls:
            field.restore(errors.get(field.name, []), is_right=field.name in good)


class ButtonForm(PageForm):
    """A form that has nothing but its button."""
