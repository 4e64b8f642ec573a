"""The blueprints that the app registers."""

from collections.abc import Iterator

from flask import Blueprint

from idp.settings import Settings
from idp.web.account import (
    close,
    data,
    email,
    history,
    mobile,
    overview,
    password,
    portals,
    question,
    residence,
    security,
)
from idp.web.development import inbox, styleguide
from idp.web.guide import page
from idp.web.help import branches
from idp.web.help import page as help_page
from idp.web.oauth import check_session, logos, old_paths, views
from idp.web.pages import front, health
from idp.web.recovery import recover
from idp.web.registration import progress, register, track
from idp.web.sign_in import choose_account, consent, login
from idp.web.sign_out import logout
from idp.web.words import branding


def all_of(settings: Settings) -> Iterator[Blueprint]:
    """Yield the blueprints; optional endpoints and development pages only when switched on."""
    yield from (
        front.bp,
        health.bp,
        views.bp,
        login.bp,
        logout.bp,
        register.bp,
        progress.bp,
        track.bp,
        recover.bp,
        choose_account.bp,
        consent.bp,
        overview.bp,
        close.bp,
        data.bp,
        email.bp,
        history.bp,
        mobile.bp,
        password.bp,
        portals.bp,
        question.bp,
        residence.bp,
        security.bp,
        page.bp,
        help_page.bp,
        branches.bp,
        logos.bp,
        branding.bp,
    )
    if settings.openid.session_management:
        yield check_session.bp
    if settings.compatibility.old_paths:
        yield old_paths.bp
    if settings.pages.inbox:
        yield inbox.bp
    if settings.is_development:
        yield styleguide.bp
