"""The ``idp`` command."""

import click

from idp.cli import (
    audit,
    backup,
    branches,
    cases,
    citizens,
    client_log,
    clients,
    conformance,
    demo,
    invitations,
    jobs,
    keys,
    logout,
    maintenance,
    portals,
    registry,
    seed,
    system,
    worker,
)
from idp.cli.context import telling_what_is_broken


class Commands(click.Group):
    """A group whose commands all end with a message and exit code 4 when the hub is broken."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command inside ``telling_what_is_broken``."""
        with telling_what_is_broken():
            return super().invoke(ctx)


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="tamin-account")
def idp() -> None:
    """The identity provider of the Social Security Organisation's portals.

    Settings come from the defaults, then the files named in IDP_CONFIG, then IDP__SECTION__KEY
    variables.

    Exit codes: 0 done, 1 refused by a rule, 2 wrong use, 3 not found, 4 the surroundings are broken
    (`idp check` says what to do).

    \b
    Examples:
      idp COMMAND --help
      idp check
      IDP__DATABASE__URL=sqlite:////srv/hub.sqlite3 idp db current
    """


for command in (*invitations.COMMANDS, *client_log.COMMANDS):
    clients.clients.add_command(command)

for command in (
    audit.audit,
    backup.backup,
    backup.backup_key,
    backup.restore,
    branches.branches,
    cases.cases,
    citizens.citizens,
    clients.clients,
    conformance.conformance,
    demo.demo,
    jobs.jobs,
    keys.keys,
    logout.logout,
    maintenance.maintenance,
    portals.portals,
    registry.registry,
    seed.seed,
    system.check,
    system.db,
    system.secrets,
    system.serve,
    system.upgrade,
    worker.worker,
):
    idp.add_command(command)
