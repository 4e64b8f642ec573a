"""A hub in production whose settings a test spoils in one place."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from idp.cli.system import fresh_secrets
from idp.settings import Settings, load
from tests.architecture.sources import ROOT
from tests.cli.conftest import bare, furnished, run
from tests.store.conftest import migrated_postgres_url

__all__ = ["bare", "furnished", "migrated_postgres_url", "run"]

Production = Callable[..., Settings]


@pytest.fixture
def secrets_file(tmp_path: Path) -> Path:
    """Fresh secrets and the credentials of the gateways, as an administrator keeps them."""
    file = tmp_path / "secrets.toml"
    gateways = '[sms.magfa]\npassword = "p"\n[sms.kavenegar]\napi_key = "k"\n'
    file.write_text(f"{fresh_secrets()}\n{gateways}", "utf-8")
    file.chmod(0o600)
    return file


@pytest.fixture
def production(secrets_file: Path) -> Production:
    """Read config/production.example.toml with these variables."""

    def read(**variables: str) -> Settings:
        example = ROOT / "config" / "production.example.toml"
        return load([], {"IDP_CONFIG": f"{example}{os.pathsep}{secrets_file}", **variables})

    return read
