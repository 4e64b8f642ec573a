"""Sections of the settings about operating the hub: audit, metrics, traces, retention, backups."""

from pydantic import Field

from idp.settings.section import Section


class AuditSection(Section):
    """Where heads of the audit are kept beside the log; empty: nowhere."""

    anchor_file: str


class Metrics(Section):
    """Where Prometheus reads the metrics; empty: they are not counted."""

    bind: str


class Traces(Section):
    """Where spans go by OTLP over HTTP; empty: none are recorded."""

    endpoint: str
    sample_ratio: float = Field(ge=0, le=1)


class Retention(Section):
    """For how many days rows are kept that nothing else deletes; 0: for good."""

    audit_days: int = Field(ge=0)
    closed_account_days: int = Field(ge=0)


class Backup(Section):
    """To whom backups are encrypted; empty: none can be written."""

    public_key: str = Field(pattern="^(age1[a-z0-9]{58})?$")
