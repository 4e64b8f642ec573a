"""One deployment for all tests of this folder."""

import resource
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from tests import servers
from tests.architecture.wheels import build_wheel, install_wheel
from tests.deploy.deployment import NGINX, Deployment
from tests.simulators.http import simulated
from tests.simulators.sms import KavenegarHandler

MANY = 4096  # open files: the kernel's own limit, which any process may raise itself to
REDIS_DATABASE = 200  # of no test process


@pytest.fixture(scope="session")
def many_files() -> Iterator[None]:
    """Thousands of open files for this process and the proxy, where 1,024 are usual."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY if most == resource.RLIM_INFINITY else min(MANY, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before, wanted), most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


@pytest.fixture(scope="session")
def deployment(
    many_files: None,
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: str,
    server_folder,
    run_of_the_tests: int,
) -> Iterator[Deployment]:
    """The hub of the wheel in production, behind the proxy, with an SMS gateway that keeps all."""
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian, Ubuntu: apt-get install nginx-light)")
    wheel = build_wheel(tmp_path_factory.mktemp("checkout"))
    name = f"deploy_{uuid4().hex}"
    maintenance = postgres_server.format("postgres").replace("+psycopg", "")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    gateway = KavenegarHandler()
    with simulated(gateway) as simulator:
        hub = Deployment(
            folder=tmp_path_factory.mktemp("hub"),
            python=install_wheel(wheel, tmp_path_factory.mktemp("environment")),
            database_url=postgres_server.format(name),
            redis_url=servers.shared_redis(server_folder, run_of_the_tests).format(REDIS_DATABASE),
            gateway=gateway,
            gateway_url=simulator.url,
        )
        hub.install()
        with hub.running():
            yield hub
