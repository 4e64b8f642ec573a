"""A wrong setting stops the start with the key's name."""

import tomllib
from pathlib import Path

import pytest

from idp import resources
from idp.settings import Settings, SettingsError, load

SECRETS = """
[secrets]
sealing_keys = [{ id = "k1", key = "pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw=" }]
index_key = "NGC-MSAeaf7aoO7ouZl_XHwpmf2v5ZMlPNZUr0361xQ="
password_pepper = "J6Cus_7pIy-K8iEfnuSRxbEL7LVWO_web5NCfsvI_ik="
"""


@pytest.fixture
def settings_from(tmp_path: Path):
    def read(text: str = "", **variables: str) -> Settings:
        own = tmp_path / "own.toml"
        own.write_text(SECRETS + text, "utf-8")
        return load([resources.settings_file("development"), own], variables)

    return read


def test_development_starts_with_secrets_only(settings_from):
    assert settings_from().is_development


def test_secrets_have_no_default():
    with pytest.raises(SettingsError, match=r"secrets\.index_key: Field required"):
        load([resources.settings_file("development")], {})


def test_an_unknown_key_stops_the_start_with_its_name(settings_from):
    with pytest.raises(SettingsError, match=r"signin\.session_idel_seconds"):
        settings_from("[signin]\nsession_idel_seconds = 5\n")


def test_a_wrong_type_stops_the_start_with_the_keys_name(settings_from):
    with pytest.raises(SettingsError, match=r"registration\.min_age"):
        settings_from('[registration]\nmin_age = "old"\n')


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("memory_kib", 7, "greater than or equal to 8"),
        ("memory_kib", 1024 * 1024 + 1, "less than or equal to 1048576"),
        ("time_cost", 0, "greater than or equal to 1"),
        ("time_cost", 65, "less than or equal to 64"),
    ],
)
def test_a_hash_cost_that_is_not_computed_stops_the_start(settings_from, key, value, says):
    with pytest.raises(SettingsError, match=rf"hashing\.{key}: Input should be {says}"):
        settings_from(f"[hashing]\n{key} = {value}\n")


def test_a_broken_value_is_never_shown(settings_from):
    with pytest.raises(SettingsError) as stopped:
        settings_from("", IDP__SECRETS__SEALING_KEYS="hunter2")
    assert "hunter2" not in str(stopped.value)


def test_a_variable_overrides_the_files(settings_from):
    settings = settings_from("", IDP__REGISTRATION__MIN_AGE="18")
    assert settings.registration.min_age == 18


def test_a_list_in_a_variable_is_toml(settings_from):
    settings = settings_from("", IDP__SERVER__TRUSTED_HOSTS='["127.0.0.1", "hub.test"]')
    assert settings.server.trusted_hosts == ("127.0.0.1", "hub.test")


def test_a_file_that_is_not_toml_is_named(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("[server\n", "utf-8")
    with pytest.raises(SettingsError, match=r"broken.toml: is not TOML"):
        load([broken], {})


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"absent.toml: cannot be read"):
        load([tmp_path / "absent.toml"], {})


def test_a_file_named_by_the_environment_is_read(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(SECRETS, "utf-8")
    named = f"{resources.settings_file('development')}:{own}"
    assert load([], {"IDP_CONFIG": named}).is_development


CONTRADICTIONS = {
    "an issuer with a final slash": ('[server]\nissuer = "http://127.0.0.1:8000/"', "final slash"),
    "an issuer that is no address": (
        '[server]\nissuer = "hub"',
        "server.issuer must be an address",
    ),
    "http away from loopback": ('[server]\nissuer = "http://hub.test"', "must be https"),
    "an untrusted issuer": ('[server]\ntrusted_hosts = ["other"]', "server.trusted_hosts"),
    "a form without the country of most": (
        '[registration]\ncountries_not_offered = ["IR"]',
        "registration.countries_not_offered",
    ),
    "ages the wrong way round": ("[registration]\nmax_age = 3", "registration.min_age"),
    "an idle time above the absolute one": (
        "[signin]\nsession_absolute_seconds = 60",
        "signin.session_idle_seconds",
    ),
    "a registry without address": ('[registry]\nkind = "http"', "registry.civil.url is needed"),
    "a registry whose address is none": (
        '[registry]\nkind = "http"\n[registry.civil]\nurl = "bus"',
        "registry.civil.url must be an address",
    ),
    "success as a code of not found": (
        '[registry.civil]\ndialect = "uid"\nnot_found_codes = ["404", "0"]',
        "0 is success",
    ),
    "codes for a dialect that has none": (
        '[registry.civil]\ndialect = "zohal"\nnot_found_codes = ["404"]',
        "registry.civil.not_found_codes",
    ),
    "a lease shorter than asking all registries": (
        (
            '[registry]\nkind = "http"\ncivil = { url = "http://r", timeout_seconds = 20 }\n'
            'ownership.url="http://r"\ncouncil.url="http://r"'
        ),
        "worker.lease_seconds must exceed 90",
    ),
    "physicians without their register": (
        '[registry]\nkind = "http"\ncivil.url = "http://r"\nownership.url = "http://r"',
        "registry.council.url is needed",
    ),
    "a gateway without address": ('[sms]\ngateways = ["magfa"]', "sms.magfa.url is needed"),
    "a gateway without password": ('[sms]\ngateways = ["magfa"]', "sms.magfa.password is needed"),
    "a gateway without a key": ('[sms]\ngateways = ["kavenegar"]', "sms.kavenegar.api_key is ne"),
    "a gateway named twice": ('[sms]\ngateways = ["inbox", "inbox"]', "names 'inbox' twice"),
    "an inbox page without its gateway": ('[sms]\ngateways = ["magfa"]', "pages.inbox shows"),
    "a foot that runs a script": (
        '[pages]\nfooter_url = "javascript:alert(1)"',
        "pages.footer_url must be an address",
    ),
    "a colour that is none": ('[brand]\ncolour = "red"', "brand.colour"),
    "a colour that nobody can read": ('[brand]\ncolour = "#ffff00"', "brand.colour cannot be read"),
    "a mark that is not there": ('[brand]\nmark = "/no/such.svg"', "brand.mark must name"),
    "an issuer with a path": ('[server]\nissuer = "http://127.0.0.1/hub"', "scheme and host"),
    "an issuer with a user": ('[server]\nissuer = "http://me@127.0.0.1"', "scheme and host"),
    "an issuer with no port": ('[server]\nissuer = "http://127.0.0.1:99999"', "an address such"),
    "an issuer half written": ('[server]\nissuer = "http://[::1"', "server.issuer must be an addr"),
    "an issuer by IPv6": (
        '[server]\nissuer = "http://[::1]:8000"\ntrusted_hosts = ["::1"]',
        "server.issuer must have a name or an IPv4 address",
    ),
    "an issuer in capitals": (
        '[server]\nissuer = "http://LOCALHOST"\ntrusted_hosts = ["localhost"]',
        "server.issuer must be written as browsers write it",
    ),
    "an issuer with the port that is meant anyway": (
        '[server]\nissuer = "http://127.0.0.1:80"',
        "server.issuer must be written as browsers write it",
    ),
    "an issuer whose port begins with nought": (
        '[server]\nissuer = "http://127.0.0.1:08000"',
        "server.issuer must be written as browsers write it",
    ),
    "an issuer whose scheme is in capitals": (
        '[server]\nissuer = "HTTP://127.0.0.1:8000"',
        "server.issuer must be written as browsers write it",
    ),
    "an issuer with a dot at the end": (
        '[server]\nissuer = "http://localhost."\ntrusted_hosts = ["localhost."]',
        "server.issuer must have its host in ASCII",
    ),
    "an issuer that is no ASCII": (
        '[server]\nissuer = "https://تأمین.example"\ntrusted_hosts = ["تأمین.example"]',
        "server.issuer must have its host in ASCII",
    ),
    "a host with a port": (
        '[server]\ntrusted_hosts = ["127.0.0.1", "hub.test:8000"]',
        "server.trusted_hosts must name each host in full",
    ),
    "a host by IPv6": (
        '[server]\ntrusted_hosts = ["127.0.0.1", "2001:db8::1"]',
        "server.trusted_hosts must name each host in full",
    ),
    "a certificate without its key": (
        f'[server]\ntls_certificate = "{__file__}"',
        "server.tls_certificate and server.tls_key go together",
    ),
    "a certificate that is not there": (
        '[server]\ntls_certificate = "/nowhere"\ntls_key = "/nowhere"',
        "server.tls_certificate must name a file",
    ),
    "a conformance suite where citizens come": (
        '[conformance]\nuser_name = "suite"\n[server]\nenvironment = "production"',
        "conformance.user_name is for",
    ),
    "a place to listen without a port": ('[server]\nbind = "127.0.0.1"', "server.bind must be"),
    "a port beyond the last": ('[server]\nbind = "127.0.0.1:65536"', "server.bind must be"),
    "metrics without a port": ('[metrics]\nbind = "127.0.0.1"', "metrics.bind must be host:port"),
    "metrics on a Unix socket": ('[metrics]\nbind = "unix:/run/m"', "metrics.bind must be host"),
    "metrics beyond the last port": ('[metrics]\nbind = "127.0.0.1:65536"', "metrics.bind must"),
    "traces to no address": ('[traces]\nendpoint = "collector:4318"', "traces.endpoint must be"),
    "more traces than there are": ("[traces]\nsample_ratio = 1.5", "traces.sample_ratio"),
    "metrics where the pages are": (
        '[metrics]\nbind = "127.0.0.1:8000"',
        "metrics.bind must be another port",
    ),
    "a database of another kind": ('[database]\nurl = "mysql://hub"', "database.url must be"),
    "a database without a file": ('[database]\nurl = "sqlite://"', "database.url must be"),
    "a database whose port is none": (
        '[database]\nurl = "postgresql://hub@127.0.0.1:one/hub"',
        "database.url must be",
    ),
    "a Redis that is no address": ('[redis]\nurl = "cache:6379"', "redis.url must be"),
    "a refresh token that outlives its family": (
        "[tokens]\nrefresh_absolute_seconds = 60",
        "tokens.refresh_idle_seconds must not exceed",
    ),
    "more codes to a prefix than to all": (
        "[protection]\ncodes_per_hour = 10",
        "protection.codes_per_hour_and_prefix must not exceed",
    ),
    "more in a day than in a month": (
        "[registration]\nper_month = 1",
        "registration.per_day must not exceed",
    ),
    "a wait without end": ("[worker]\npoll_seconds = inf", "worker.poll_seconds"),
    "the inbox in production": (
        '[server]\nenvironment = "production"\nissuer = "https://127.0.0.1"',
        "pages.inbox are for",
    ),
    "visitors behind a proxy that nobody counts": (
        '[server]\nenvironment = "production"\nissuer = "https://127.0.0.1"',
        "server.trusted_proxies must count",
    ),
    "granian without a proxy in production": (
        '[server]\nwsgi_server = "granian"\nenvironment = "production"\n',
        "server.wsgi_server can be granian only behind a proxy",
    ),
    "no key-encryption key in production": (
        '[server]\nenvironment = "production"\nissuer = "https://127.0.0.1"',
        "keys.key_encryption_key must be set",
    ),
}


@pytest.mark.parametrize(("text", "says"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_contradiction_stops_the_start(settings_from, text, says):
    with pytest.raises(SettingsError, match=says):
        settings_from(text)


def test_two_sealing_keys_of_one_id_stop_the_start(settings_from):
    twice = '[{ id = "k1", key = "a" }, { id = "k1", key = "b" }]'
    with pytest.raises(SettingsError, match=r"secrets\.sealing_keys: two keys have the id 'k1'"):
        settings_from("", IDP__SECRETS__SEALING_KEYS=twice)


@pytest.mark.parametrize("name", ["IDP__", "IDP____BIND", "IDP__SERVER__"])
def test_a_variable_that_names_no_key_is_named(settings_from, name):
    with pytest.raises(SettingsError, match=rf"{name}: a variable is called IDP__SECTION__KEY"):
        settings_from("", **{name: "1"})


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////var/lib/hub.sqlite3",
        "postgresql://hub@db/hub",
        "postgresql+psycopg://hub@/hub?host=/run/postgresql",
    ],
)
def test_a_database_is_a_file_or_postgresql(settings_from, url):
    assert settings_from("", IDP__DATABASE__URL=url).database.url == url


@pytest.mark.parametrize("bind", ["[::1]:8000", "unix:/run/hub.sock", "localhost:80"])
def test_a_place_to_listen_is_host_and_port_or_a_socket(settings_from, bind):
    assert settings_from("", IDP__SERVER__BIND=bind).server.bind == bind


def test_a_key_that_is_no_base64url_is_named(settings_from):
    with pytest.raises(SettingsError, match=r"keys\.key_encryption_key: is not base64url"):
        settings_from("", IDP__KEYS__KEY_ENCRYPTION_KEY="a key!" * 8)


def test_a_key_of_another_length_is_named(settings_from):
    with pytest.raises(SettingsError, match=r"keys\.key_encryption_key: must have 32 bytes"):
        settings_from("", IDP__KEYS__KEY_ENCRYPTION_KEY="AAAA")


def test_every_contradiction_is_told_at_once_each_on_its_line(settings_from):
    with pytest.raises(SettingsError) as stopped:
        settings_from('[server]\nbind = "x"\n[redis]\nurl = "y"\n')
    assert [line.split()[0] for line in str(stopped.value).splitlines()] == [
        "server.bind",
        "redis.url",
    ]


def test_the_guide_switches_off_what_departs_from_it_and_nothing_else():
    written = tomllib.loads(resources.settings_file("guide").read_text("utf-8"))
    assert written == {
        "server": {"insecure": ["guide_to_the_letter"]},
        "registration": {"phone_proof": False, "look_over": False},
        "recovery": {"sms_code": False},
        "signin": {"new_device_code": False},
        "protection": {"proof_of_work": False},
    }


def test_every_key_of_the_settings_has_a_default_but_the_secrets():
    written = tomllib.loads(resources.default_settings().read_text("utf-8"))
    for section, field in Settings.model_fields.items():
        if section != "secrets":
            assert set(field.annotation.model_fields) == set(written[section]), section


def test_what_exists_for_old_portals_is_off(settings_from):
    switches = settings_from().openid.model_dump()
    assert switches.pop("registration") == "invited"
    assert not any(switches.values())
