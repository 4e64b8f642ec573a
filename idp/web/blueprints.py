"""Which rooms of pages the app has."""

from collections.abc import Iterator

from flask import Blueprint

from idp.settings import Settings
from idp.web import (
    account,
    account_close,
    account_data,
    account_email,
    account_history,
    account_mobile,
    account_password,
    account_portals,
    account_security,
    branding,
    check_session,
    choose_account,
    consent,
    front,
    guide,
    inbox,
    login,
    logout,
    maintenance,
    oauth,
    old_paths,
    portals,
    recover,
    register,
    styleguide,
)


def all_of(settings: Settings) -> Iterator[Blueprint]:
    """Yield the blueprints; those of the development pages only where they are switched on."""
    yield from (
        maintenance.bp,
        front.bp,
        oauth.bp,
        login.bp,
        logout.bp,
        register.bp,
        recover.bp,
        choose_account.bp,
        consent.bp,
        account.bp,
        account_close.bp,
        account_data.bp,
        account_email.bp,
        account_history.bp,
        account_mobile.bp,
        account_password.bp,
        account_portals.bp,
        account_security.bp,
        guide.bp,
        portals.bp,
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
