"""D16: half-sent requests; that the proxy absorbs them is tried in tests/deploy."""

import pytest

from idp.settings import SettingsError, exposures
from tests.attack.operators.conftest import Production, production, secrets_file

__all__ = ["production", "secrets_file"]


@pytest.mark.parametrize("bind", ["0.0.0.0:8000", "[::]:8000", "192.0.2.7:8000", "hub.example:80"])
def test_attack_D16_production_listens_where_the_proxy_alone_comes(production: Production, bind):
    with pytest.raises(SettingsError, match=r"server\.bind .*half-sent"):
        production(IDP__SERVER__BIND=bind)


def test_attack_D16_a_server_behind_a_firewall_is_accepted_by_name_and_shown(
    production: Production,
):
    accepted = production(IDP__SERVER__BIND="0.0.0.0:8000", IDP__SERVER__INSECURE='["open_bind"]')
    assert [name for name, _ in exposures(accepted)] == ["open_bind"]


@pytest.mark.parametrize("bind", ["127.0.0.1:8000", "[::1]:8000", "unix:/run/hub.sock"])
def test_attack_D16_a_server_of_this_machine_alone_needs_no_exception(production: Production, bind):
    assert not list(exposures(production(IDP__SERVER__BIND=bind)))
