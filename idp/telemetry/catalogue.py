"""Every metric that a process counts. docs/operate/monitoring.md lists them for operators."""

from idp.telemetry.metrics import Counter, Gauge, Histogram, Metric

HTTP_REQUESTS = Counter(
    "idp_http_requests_total",
    "Requests by route template, method and status.",
    ("route", "method", "status"),
)
HTTP_SECONDS = Histogram(
    "idp_http_request_duration_seconds",
    "Time until the answer is there, by route template.",
    ("route",),
)
PROTOCOL_REQUESTS = Counter(
    "idp_protocol_requests_total",
    "Requests of OAuth and OpenID Connect; outcome is ok or the OAuth error.",
    ("endpoint", "client_id", "outcome"),
)
TOKEN_GRANTS = Counter(
    "idp_token_grants_total",
    "Token requests by grant type; outcome is ok or the OAuth error.",
    ("grant_type", "outcome"),
)
SIGN_INS = Counter(
    "idp_sign_ins_total",
    "Steps of sign-ins: password, code of a new device, second step.",
    ("step", "outcome"),
)
PROOF_OF_WORK = Counter(
    "idp_proof_of_work_total",
    "Forms that were held for work or a turn (asked), and released (done).",
    ("kind", "event"),
)
HASH_WAIT_SECONDS = Histogram(
    "idp_password_hash_wait_seconds",
    "Time in the queue for a slot to hash, by lane.",
    ("lane",),
    buckets=(0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0),
)
HASH_REFUSED = Counter(
    "idp_password_hash_refused_total",
    "Hashes that found no slot in time, by lane: the request was answered 503.",
    ("lane",),
)
CASES_DECIDED = Counter(
    "idp_cases_decided_total", "Cases that a worker decided, by outcome.", ("outcome",)
)
CASE_SECONDS = Histogram(
    "idp_case_decision_seconds",
    "Time from submission to a worker's decision.",
    buckets=(10, 60, 600, 3600, 6 * 3600, 24 * 3600, 42 * 3600, 46 * 3600, 48 * 3600, 96 * 3600),
)
REGISTRY_REQUESTS = Counter(
    "idp_registry_requests_total",
    "Questions to the registries; outcome is ok or the failure.",
    ("service", "outcome"),
)
SMS_MESSAGES = Counter(
    "idp_sms_messages_total", "SMS handed to a gateway, by its answer.", ("gateway", "outcome")
)
SMS_PARTS = Counter(
    "idp_sms_parts_total", "Segments of those SMS, which are billed.", ("gateway", "outcome")
)
LOGOUT_DELIVERIES = Counter(
    "idp_logout_deliveries_total",
    "Tries to deliver a logout token to a portal.",
    ("client_id", "outcome"),
)
JOBS = Counter("idp_jobs_total", "Jobs that a worker ran, by kind.", ("kind", "outcome"))
JOB_SECONDS = Histogram("idp_job_duration_seconds", "Time that a job ran, by kind.", ("kind",))
DATABASE_POOL = Gauge(
    "idp_database_pool_connections",
    "Connections of the pools, over all processes: in use, and at most (size).",
    ("pool", "state"),
)
DATABASE_REFUSED = Counter(
    "idp_database_refused_total",
    "Transactions that got no connection: none was free, or the database was unavailable.",
    ("reason",),
)
CACHE_LOOKUPS = Counter(
    "idp_cache_lookups_total", "Look-ups in what a process remembers.", ("cache", "result")
)
REDIS_ERRORS = Counter(
    "idp_redis_errors_total", "Calls that Redis did not answer; a process counted on its own."
)
ALARMS = Counter("idp_alarms_total", "Lines of the log with an alarm.", ("alarm",))
ALARM_NAMES = (
    *("audit_broken", "audit_not_anchored", "audit_note_lost", "clock_skew"),
    *("database_unavailable", "key_sets_differ", "key_store_error", "pkcs11_unavailable"),
    *("case_after_24_hours", "case_after_42_hours", "case_deceased", "case_overdue"),
    *("council_number_taken", "invalid_forwarded_for", "worker_failed"),
    *("job_dead_letter", "mail_dead_letter", "sms_dead_letter"),
    *("password_spray", "sms_budget_poor_conversion", "sms_budget_spent"),
    *("profession_after_24_hours", "profession_after_42_hours", "profession_overdue"),
)
"""Counted from zero: a series that begins with its first event shows Prometheus no increase."""
PROCESS_MEMORY = Gauge(
    "idp_process_resident_memory_bytes", "Resident memory of each process.", ("role",), "each"
)
PROCESS_CPU = Gauge(
    "idp_process_cpu_seconds", "CPU seconds of each process since its start.", ("role",), "each"
)

CATALOGUE: tuple[Metric, ...] = tuple(one for one in globals().values() if isinstance(one, Metric))
