"""The composition root: the only package that imports all others. It wires them by hand."""

import gc
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask

from idp import settings as settings_module
from idp.adapters.allocator import keep_few_arenas, return_free_memory
from idp.adapters.clock import system_clock
from idp.adapters.logs import configure_logs
from idp.adapters.maintenance_file import MaintenanceFile
from idp.adapters.operator import this_operator
from idp.adapters.passed_socket import passed_socket
from idp.adapters.probes import taken_ports
from idp.adapters.signed_file import SignedFile
from idp.app.checks import check, refuse_keyless, refuse_old_schema, refuse_unready
from idp.app.found_settings import load_for_commands
from idp.app.health import build_readiness
from idp.app.key_rotation import build_key_rotation, start_key_reporter
from idp.app.measuring import measure, metrics_served, trace
from idp.app.outside import Outside, build_outside, password_peppers
from idp.app.upgrade_checks import check_upgrade
from idp.app.use_cases import build_deps, share
from idp.app.work import build_ownership, build_worker, file_anchors
from idp.cli.context import Hub, Tools, telling_what_is_broken
from idp.cli.main import idp as command_line
from idp.ports import Backups
from idp.protocol.core import endpoints
from idp.services.branches.branches import Branches
from idp.services.clients.invite_clients import InviteClients
from idp.services.clients.read_refusals import ReadRefusals
from idp.services.desk.citizens import Citizens
from idp.services.desk.desk import Desk
from idp.services.messages.read_dead_letters import ReadDeadLetters
from idp.services.sign_in.suite_citizen import SuiteCitizen
from idp.services.sign_out.logout_deliveries import LogoutDeliveries
from idp.services.upkeep.after_restore import EndAllSessions
from idp.services.upkeep.anchor_audit import AnchorAudit
from idp.services.upkeep.seed import Seed
from idp.settings import Settings
from idp.store import migrate
from idp.web.app import compile_pages, create_web
from idp.web.development.loopback_only import LoopbackOnly
from idp.web.http.bounded_requests import BoundedRequests
from idp.web.http.measured_requests import MeasuredRequests, plain_routes
from idp.web.http.request_ids import RequestIds
from idp.web.http.traced_requests import TracedRequests
from idp.web.pages.health_checks import HealthChecks
from idp.web.pages.kept_pages import kept_pages

if TYPE_CHECKING:
    from idp.tester.plan import Plan
    from idp.tester.trial import Trial

FROM_MEMORY = ("/alive", endpoints.CONFIGURATION, endpoints.OAUTH_METADATA, endpoints.JWKS)
"""Paths that need no database: they are answered while every other request waits for one."""
COLLECT_AFTER = (5_000, 20, 50)
"""Objects made, and collections of the younger generations, after which Python looks for cycles."""


def main() -> None:
    """Run the ``idp`` command."""
    keep_few_arenas()
    configure_logs()
    command_line(obj=command_tools())


def command_tools() -> Tools:
    """Return the functions by which commands open the hub; nothing is opened yet."""
    return Tools(
        load_settings=load_for_commands,
        open_hub=open_hub,
        upgrade_database=lambda settings, tell: migrate.upgrade(settings.database.url, tell=tell),
        database_revision=lambda settings: migrate.current(settings.database.url),
        clock=system_clock,
        operator=this_operator(),
        maintenance=lambda settings: MaintenanceFile(settings.server.runtime_folder),
        kept_pages=lambda settings: kept_pages(create_web(build_deps(build_outside(settings)))),
        check=check,
        check_upgrade=check_upgrade,
        make_certificate=_make_certificate,
        taken_ports=taken_ports,
        backups=_backups,
        make_backup_key=_make_backup_key,
        portal_trial=_portal_trial,
    )


def wsgi_application() -> Flask:
    """Return the app for a WSGI server, with the settings of the environment.

    When settings, keys or database are unusable, end the process with a message and exit code 4,
    on which gunicorn stops.
    """
    keep_few_arenas()
    configure_logs()
    with telling_what_is_broken():
        settings = settings_module.load()
        outside = build_outside(settings)
        refuse_unready(outside)
    outside.database.close()
    return _served(settings)


def _served(settings: Settings) -> Flask:
    """Return the app of a web process, which tells the other processes which keys it has."""
    outside = build_outside(settings)
    start_key_reporter(outside)
    return _settled(_create_app(outside, stop=Event()))


def _settled(app: Flask) -> Flask:
    """Return the app of a web process that begins to serve.

    What is loaded stays, so that no collection looks at it again; a request makes some thousand
    objects that die without the collector, which is to look for cycles seldom.
    """
    gc.collect()
    return_free_memory()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    return app


def create_app(settings: Settings) -> Flask:
    """Return the app; with ``worker.embedded``, threads of this process run the outbox's jobs.

    At most ``server.threads`` requests run at once, beside those that wait for a hash.
    In development it answers only this machine, whatever address a WSGI server binds.
    """
    return _create_app(build_outside(settings), stop=Event())


def _create_app(outside: Outside, stop: Event) -> Flask:
    """Return the app, whose embedded worker runs until ``stop`` is set."""
    settings = outside.settings
    measure(outside, "web")
    is_traced = trace(outside)
    if settings.worker.embedded:
        build_worker(outside).start(stop)
    app = create_web(build_deps(outside))
    app.wsgi_app = BoundedRequests(  # type: ignore[method-assign]
        app.wsgi_app, outside.places.taken, FROM_MEMORY
    )
    if is_traced:
        app.wsgi_app = TracedRequests(app.wsgi_app, plain_routes(app))  # type: ignore[method-assign]
    app.wsgi_app = RequestIds(  # type: ignore[method-assign]
        app.wsgi_app, outside.vault, has_proxy=settings.server.trusted_proxies > 0
    )
    app.wsgi_app = MeasuredRequests(app.wsgi_app, plain_routes(app))  # type: ignore[method-assign]
    # In front of the bound: health answers while every place waits for the database.
    app.wsgi_app = HealthChecks(app.wsgi_app, build_readiness(outside))  # type: ignore[method-assign]
    if settings.is_development:
        app.wsgi_app = LoopbackOnly(app.wsgi_app)  # type: ignore[method-assign]
    return app


def open_hub(settings: Settings) -> Hub:
    """Return the hub of the commands; their audit entries name the operator.

    Raises SettingsError, DatabaseUnavailable.
    """
    outside = build_outside(settings, operator=this_operator())
    shared = share(outside)
    refuse_old_schema(outside)
    return Hub(
        settings=settings,
        begin=outside.begin,
        clock=outside.clock,
        pause=outside.pause,
        clients=shared.clients,
        refusals=ReadRefusals(outside.kernel),
        invitations=InviteClients(kernel=outside.kernel),
        registration_endpoint=settings.server.issuer + endpoints.REGISTER,
        keys=outside.keys,
        key_rotation=build_key_rotation(outside),
        branches=Branches(kernel=outside.kernel),
        desk=_desk(outside),
        citizens=_citizens(outside),
        registry_people=outside.database.registry_people(),
        reseal=lambda write, looked: outside.database.reseal(write=write, looked=looked),
        pepper_uses=lambda: outside.database.pepper_uses(
            [pepper_id for pepper_id, _ in password_peppers(outside.settings)]
        ),
        anchor_audit=AnchorAudit(outside.kernel, file_anchors(outside)).run,
        logout_deliveries=LogoutDeliveries(kernel=outside.kernel),
        dead_letters=ReadDeadLetters(outside.kernel),
        seed=Seed(kernel=outside.kernel, bulk=outside.database.bulk_accounts()),
        table_sizes=outside.database.table_sizes,
        end_all_sessions=EndAllSessions(
            kernel=outside.kernel, ending=outside.database.mass_ending()
        ).run,
        # Audit entries of the worker name no operator.
        run_worker=lambda stop: _run_worker(build_outside(settings), stop),
        put_suite_citizen=SuiteCitizen(kernel=outside.kernel).put,
        serve=lambda: _serve(outside),
    )


def _run_worker(outside: Outside, should_stop: Callable[[], bool]) -> None:
    measure(outside, "worker")
    trace(outside)
    refuse_keyless(outside)
    start_key_reporter(outside)
    build_worker(outside).run(should_stop)


def _serve(outside: Outside) -> None:
    # The schema was checked when the hub was opened.
    refuse_keyless(outside)
    # Web processes are forked: they must not inherit a database connection.
    outside.database.close()
    _compile_pages(outside)
    # What is loaded stays shared with the web processes: their garbage collection writes not to it.
    gc.collect()
    gc.freeze()
    serve = _chosen_server(outside.settings)
    with metrics_served(outside.settings, outside.clock):
        serve(outside.settings, lambda: _served(outside.settings), passed_socket())


def _chosen_server(
    settings: Settings,
) -> Callable[[Settings, Callable[[], Flask], socket.SocketType | None], None]:
    """Return the server of the settings; the other is not loaded, for its memory stays."""
    if settings.server.wsgi_server == "granian":
        from idp.web.granian_server import serve  # noqa: PLC0415
    else:
        from idp.web.server import serve  # noqa: PLC0415
    return serve


def _make_certificate(certificate: Path, key: Path) -> None:
    # Imported here: only the conformance mode makes certificates, and X.509 is slow to load.
    from idp.adapters.self_signed import write_certificate  # noqa: PLC0415

    write_certificate(certificate, key, system_clock)


def _backups(settings: Settings) -> Backups:
    # Imported here: no web process and no worker copies databases.
    from idp.app.backups import DatabaseBackups  # noqa: PLC0415

    return DatabaseBackups(settings)


def _make_backup_key(file: Path) -> str:
    from idp.app.backups import write_key  # noqa: PLC0415 (as above)

    return write_key(file)


def _portal_trial(settings: Settings, plan: "Plan") -> AbstractContextManager["Trial"]:
    # Imported here: a hub that serves citizens never loads what answers wrongly.
    from idp.app.trial import portal_trial  # noqa: PLC0415

    return portal_trial(settings, plan, _create_app)


def _compile_pages(outside: Outside) -> None:
    """Compile the templates, or read what an earlier start compiled.

    The file is code: one that was not written with this hub's keys is not read.
    """
    key = bytes.fromhex(outside.vault.digest("signature", purpose="compiled_templates"))
    file = SignedFile(outside.settings.server.runtime_folder / "compiled_templates", key)
    found = file.read()
    compiled = compile_pages(found)
    if compiled != found:
        with suppress(OSError):  # a full disk: the next start compiles again
            file.write(compiled)


def _desk(outside: Outside) -> Desk:
    return Desk(kernel=outside.kernel, codes=share(outside).codes)


def _citizens(outside: Outside) -> Citizens:
    shared = share(outside)
    return Citizens(
        kernel=outside.kernel,
        codes=shared.codes,
        mobile_ownership=build_ownership(outside),
        host=urlsplit(outside.settings.server.issuer).hostname or "",
    )
