"""Every table has an owner of its growth: who deletes its rows, or why they cannot be many."""

from collections.abc import Mapping

from idp.services.upkeep.clean_up import SWEEPS

CLEAN_UP = "worker, when a row's time is over"
AUDIT = "worker, after retention.audit_days"
CLOSED = "worker, after retention.closed_account_days"

OWNERS: Mapping[str, str] = {
    **{table: CLEAN_UP for sweep in SWEEPS for table in sweep.tables},
    **dict.fromkeys(("sessions", "session_visits", "ephemeral"), CLEAN_UP),
    **dict.fromkeys(("sms_inbox", "mail_inbox"), CLEAN_UP),
    "audit": AUDIT,
    # One row a person, or a person and a portal; a closed account takes its rows along.
    **dict.fromkeys(("accounts", "closed_accounts", "consents", "releases"), CLOSED),
    "council_numbers": "one a physician, freed when the account is closed",
    **dict.fromkeys(("clients", "client_logos"), "one a portal: `idp clients`"),
    "key_reports": "one a process, deleted when it is gone",
    "branches": "replaced as a whole: `idp branches import`",
    "registry_people": "operators: `idp registry import`",
    **dict.fromkeys(("audit_heads", "audit_cuts", "changes", "clock_shift"), "one row"),
}
