"""What an administrator could set, and the start refuses (OP11, OP12)."""

from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from idp import resources
from idp.app import create_app
from idp.cli.system import fresh_secrets
from idp.settings import SettingsError, exposures, load
from idp.web.development.loopback_only import is_of_this_machine
from tests.attack.operators.conftest import Production
from tests.cli.conftest import CommandLine

MODES = {
    "development": ["development"],
    "the test mode for suites": ["development", "conformance"],
    "the guide to the letter, in development": ["development", "guide"],
}
ELSEWHERE = ("0.0.0.0:8000", "[::]:8000", "192.0.2.7:8000", "hub.example:8000", "127.evil:80")
HERE = ("127.0.0.1:8000", "127.8.8.8:8000", "[::1]:8000", "localhost:8000", "unix:/run/hub.sock")


def in_mode(folder: Path, mode: str, bind: str):
    own = folder / "own.toml"
    own.write_text(fresh_secrets(), "utf-8")
    files = [resources.settings_file(name) for name in MODES[mode]]
    return load([*files, own], {"IDP__SERVER__BIND": bind})


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bind", ELSEWHERE)
def test_attack_OP11_a_mode_for_one_machine_listens_on_no_other(tmp_path, mode, bind):
    with pytest.raises(SettingsError, match=r"server\.bind must be on loopback"):
        in_mode(tmp_path, mode, bind)


@pytest.mark.parametrize("bind", HERE)
def test_attack_OP11_a_mode_for_one_machine_listens_there(tmp_path, bind):
    assert in_mode(tmp_path, "development", bind).server.bind == bind


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.7", "x"])
@pytest.mark.parametrize("path", ["/dev/inbox", "/login", "/.well-known/openid-configuration"])
def test_attack_OP11_a_peer_elsewhere_is_refused_however_the_server_was_bound(
    run: CommandLine, peer, path
):
    own = {"IDP__WORKER__EMBEDDED": "false"}
    web = create_app(load([resources.settings_file("development"), run.settings], own))
    answer = web.test_client().get(
        path, environ_overrides={"REMOTE_ADDR": peer}, headers={"X-Forwarded-For": "127.0.0.1"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", ""])
def test_attack_OP11_this_machine_is_answered(peer):
    assert is_of_this_machine(peer)


PLAIN = {
    "a registry by http": ("REGISTRY__CIVIL__URL", "http://bus.example/a", "registry.civil.url"),
    "the council by http": ("REGISTRY__COUNCIL__URL", "http://bus.example", "registry.council.url"),
    "ownership by http": ("REGISTRY__OWNERSHIP__URL", "HTTP://bus.example", "registry.ownership"),
    "Magfa by http": ("SMS__MAGFA__URL", "http://sms.example", "sms.magfa.url"),
    "Kavenegar by http": ("SMS__KAVENEGAR__URL", "http://127.evil.example", "sms.kavenegar.url"),
    "plain Redis": ("REDIS__URL", "redis://cache.example:6379/0", "redis.url"),
    "Redis without verification": (
        "REDIS__URL",
        "rediss://cache.example/0?ssl_cert_reqs=none",
        "redis.url",
    ),
    "Sentinels without TLS": ("REDIS__URL", "redis+sentinel://s1.example,s2/hub", "redis"),
    "a cluster without TLS": ("REDIS__URL", "redis+cluster://127.0.0.1,b.example", "redis"),
    "Redis of any name": ("REDIS__URL", "rediss://c.example/0?ssl_check_hostname=False", "redis"),
    "argon2 of 8 KiB": ("HASHING__MEMORY_KIB", "8", "hashing.memory_kib"),
    "argon2 of one pass": ("HASHING__TIME_COST", "1", "hashing.memory_kib"),
    "no limits by network": ("PROTECTION__NETWORK_LIMITS", "false", "protection.network_limits"),
    "no proof of work": ("PROTECTION__PROOF_OF_WORK", "false", "protection.proof_of_work"),
    "no code on new devices": ("SIGNIN__NEW_DEVICE_CODE", "false", "signin.new_device_code"),
    "recovery without a code": ("RECOVERY__SMS_CODE", "false", "recovery.sms_code"),
    "phones that nobody proves": ("REGISTRATION__PHONE_PROOF", "false", "registration.phone_proof"),
} | {
    f"PostgreSQL with {rest}": (
        "DATABASE__URL",
        f"postgresql+psycopg://hub@{rest}",
        "database.url must have sslmode=verify-full",
    )
    for rest in (
        "db.example/hub",
        "db.example/hub?sslmode=disable",
        "db.example/hub?sslmode=prefer",
        "db.example/hub?sslmode=require",
        "db.example/hub?sslmode=verify-full&sslmode=disable",
        "/hub?host=db.example",
        "127.0.0.1/hub?host=db.example:5432",
        "/hub?host=/run/postgresql&hostaddr=192.0.2.7",
        "/hub?service=elsewhere",
        "127.0.0.1,db.example/hub",
    )
}


@pytest.mark.parametrize(("key", "value", "says"), PLAIN.values(), ids=PLAIN.keys())
def test_attack_OP12_what_protects_too_little_stops_the_start(
    production: Production, key, value, says
):
    with pytest.raises(SettingsError, match=says):
        production(**{f"IDP__{key}": value})


@pytest.mark.parametrize(("key", "value", "says"), PLAIN.values(), ids=PLAIN.keys())
def test_attack_OP12_an_exception_is_named_by_the_refusal_and_shown_by_the_check(
    production: Production, key, value, says
):
    with pytest.raises(SettingsError) as refused:
        production(**{f"IDP__{key}": value})
    name = str(refused.value).partition("put '")[2].partition("'")[0]
    settings = production(**{f"IDP__{key}": value, "IDP__SERVER__INSECURE": f'["{name}"]'})
    assert [shown for shown, _ in exposures(settings)] == [name]


HARMLESS = {
    "a registry behind a proxy of this machine": ("REGISTRY__CIVIL__URL", "http://127.0.0.1:9/a"),
    "Redis of this machine": ("REDIS__URL", "redis://localhost:6379/0"),
    "a cluster with TLS": ("REDIS__URL", "rediss+cluster://a.example,b.example"),
    "Redis with TLS": ("REDIS__URL", "rediss://cache.example:6379/0"),
    "PostgreSQL with verified TLS": (
        "DATABASE__URL",
        "postgresql+psycopg://hub@db.example/hub?sslmode=verify-ca",
    ),
    "PostgreSQL on a socket": ("DATABASE__URL", "postgresql://hub@/hub?host=/run/postgresql"),
    "PostgreSQL of this machine": ("DATABASE__URL", "postgresql://hub@127.0.0.1/hub"),
    "PostgreSQL of this machine by IPv6": ("DATABASE__URL", "postgresql://hub@[::1]:5432/hub"),
    "SQLite": ("DATABASE__URL", "sqlite:////var/lib/hub.sqlite3"),
    "OWASP's other floor": ("HASHING__MEMORY_KIB", "47104"),
}


@pytest.mark.parametrize(("key", "value"), HARMLESS.values(), ids=HARMLESS.keys())
def test_attack_OP12_what_nobody_can_listen_in_on_needs_no_exception(
    production: Production, key, value
):
    assert not list(exposures(production(**{f"IDP__{key}": value})))


@pytest.mark.parametrize("hosts", ['["account.tamin.ir", "*"]', '["account.tamin.ir", ".ir"]'])
def test_attack_OP12_hosts_are_no_patterns(production: Production, hosts):
    with pytest.raises(SettingsError, match=r"server\.trusted_hosts must name each host"):
        production(IDP__SERVER__TRUSTED_HOSTS=hosts)


@pytest.mark.parametrize("server", ["mail.example", "192.0.2.7"])
def test_attack_OP12_mail_without_tls_leaves_no_machine(production: Production, server):
    with pytest.raises(SettingsError, match=r"mail\.security 'none'"):
        production(
            IDP__MAIL__HOST=server, IDP__MAIL__SECURITY="none", IDP__MAIL__SENDER="hub@tamin.ir"
        )


def test_attack_OP12_an_issuer_without_tls_has_no_exception(production: Production):
    with pytest.raises(SettingsError, match=r"server\.issuer must be https"):
        production(IDP__SERVER__ISSUER="http://account.tamin.ir")


MADE_UP = {
    "zeros": bytes(32),
    "one byte": b"\xa5" * 32,
    "a passphrase": b"correct horse battery staple ok!",
    "a count": bytes(range(100, 132)),
    "eight bytes four times": bytes([3, 141, 59, 26, 253, 88, 197, 162]) * 4,
}
KEYS = {
    "SECRETS__INDEX_KEY": '"{}"',
    "SECRETS__PASSWORD_PEPPER": '"{}"',
    "KEYS__KEY_ENCRYPTION_KEY": '"{}"',
    "SECRETS__SEALING_KEYS": '[{{ id = "k1", key = "{}" }}]',
    "SECRETS__LOOKUP_KEYS": '[{{ id = "k1", key = "{}" }}]',
    "SECRETS__PASSWORD_PEPPERS": '[{{ id = "2", key = "{}" }}]',
}


def named(key: str, value: bytes) -> dict[str, str]:
    text = KEYS[key].format(urlsafe_b64encode(value).decode())
    return {f"IDP__{key}": text.strip('"')}


@pytest.mark.parametrize("value", MADE_UP.values(), ids=MADE_UP.keys())
@pytest.mark.parametrize("key", KEYS)
def test_attack_OP12_a_key_that_no_generator_made_stops_the_start(
    production: Production, key, value
):
    with pytest.raises(SettingsError, match="is no random key"):
        production(**named(key, value))


def test_attack_OP12_one_key_serves_one_purpose(production: Production):
    index = production().secrets.index_key.get_secret_value()
    with pytest.raises(SettingsError, match=r"sealing_keys\[k9\]: is the same key as secrets.ind"):
        production(IDP__SECRETS__SEALING_KEYS=f'[{{ id = "k9", key = "{index}" }}]')


def test_attack_OP12_the_index_key_may_be_the_first_look_up_key(production: Production):
    index = production().secrets.index_key.get_secret_value()
    lookup = f'[{{ id = "k1", key = "{index}" }}]'
    assert production(IDP__SECRETS__LOOKUP_KEYS=lookup).secrets.lookup_keys


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_attack_OP14_a_file_of_secrets_that_others_may_read_stops_the_start(
    production: Production, secrets_file: Path, mode
):
    secrets_file.chmod(mode)
    with pytest.raises(SettingsError, match=rf"has the mode {mode:04o}: chmod 0600 {secrets_file}"):
        production()


@pytest.mark.parametrize(
    "text",
    [
        '[registry.civil]\npassword = "p"',
        '[redis]\nurl = "rediss://:p@cache.example/0"',
        '[redis]\nurl = "rediss+sentinel://s1.example/hub?sentinel_password=p"',
    ],
)
def test_attack_OP14_a_password_makes_any_file_one_of_secrets(
    production: Production, secrets_file: Path, tmp_path: Path, text
):
    more = tmp_path / "more.toml"
    more.write_text(text, "utf-8")
    more.chmod(0o644)
    with pytest.raises(SettingsError, match=rf"chmod 0600 {more}"):
        load([more], {"IDP_CONFIG": _config(secrets_file)})


def test_attack_OP14_a_file_without_secrets_may_be_read(secrets_file: Path, tmp_path: Path):
    more = tmp_path / "more.toml"
    more.write_text('[sms.magfa]\nuser = "hub"\npassword = ""\n', "utf-8")
    more.chmod(0o644)
    assert load(
        [more], {"IDP_CONFIG": _config(secrets_file), "IDP__SMS__GATEWAYS": '["kavenegar"]'}
    )


def _config(secrets_file: Path) -> str:
    example = resources.default_settings().with_name("production.example.toml")
    return f"{example}:{secrets_file}"
