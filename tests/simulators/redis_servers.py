"""Servers of Redis that a test links: a cluster, or a primary, its replica and a Sentinel."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import redis

from tests import servers
from tests.free_ports import free_port
from tests.simulators.postgres import eventually

SLOTS = 16384


@dataclass
class RedisServer:
    """A running server; a Sentinel, too."""

    port: int
    process: "subprocess.Popen[bytes]"

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, decode_responses=True)

    def say(self, *words: object) -> object:
        """Send a command that redis-py has no method for."""
        with self.client() as client:
            return client.execute_command(*map(str, words))  # type: ignore[no-untyped-call]

    def answers(self) -> bool:
        with suppress(redis.RedisError):
            return self.say("PING") in {True, "PONG"}
        return False


@contextmanager
def redis_server(folder: Path, *lines: str, port: int = 0, mode: str = "") -> Iterator[RedisServer]:
    """Run a server with these lines of settings; ``mode`` is a word of its command."""
    port = port or free_port()
    settings = folder / f"{port}.conf"
    always = (f"port {port}", "bind 127.0.0.1", f"dir {folder}", "enable-debug-command yes")
    lasting = ('save ""', "appendonly no", f"cluster-config-file {port}.nodes")
    settings.write_text("\n".join([*always, *([] if mode else lasting), *lines]) + "\n")
    command = [servers.redis_binary(), settings, *([mode] if mode else [])]
    with (
        (folder / f"{port}.log").open("wb") as log,
        subprocess.Popen(list(map(str, command)), stdout=log, stderr=log) as process,
    ):
        made = RedisServer(port, process)
        try:
            eventually(made.answers, f"no Redis: {folder}/{port}.log")
            yield made
        finally:
            process.kill()


@contextmanager
def redis_cluster(folder: Path, count: int = 3) -> Iterator[list[RedisServer]]:
    """Run a cluster whose servers share the slots evenly."""
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            lines = (
                "cluster-enabled yes",
                "cluster-node-timeout 2000",
                f"cluster-port {free_port()}",
            )
            found.append(stack.enter_context(redis_server(folder, *lines)))
        for number, one in enumerate(found):
            first, after = SLOTS * number // count, SLOTS * (number + 1) // count
            one.say("CLUSTER", "ADDSLOTSRANGE", first, after - 1)
            one.say("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for one in found[1:]:
            bus = next(
                line.split()[1]
                for line in (folder / f"{one.port}.conf").read_text().splitlines()
                if line.startswith("cluster-port")
            )
            found[0].say("CLUSTER", "MEET", "127.0.0.1", one.port, bus)
        eventually(lambda: all(map(is_whole, found)), "the cluster does not form")
        yield found


def is_whole(server: RedisServer) -> bool:
    """Return whether the server sees every slot served."""
    said = str(server.say("CLUSTER", "INFO"))
    return ("cluster_state:ok" in said or "'cluster_state': 'ok'" in said) and (
        f"{SLOTS}" in said.partition("cluster_slots_ok")[2][:12]
    )


@dataclass
class Watched:
    """A primary with its replica, watched by one Sentinel."""

    primary: RedisServer
    replica: RedisServer
    sentinel: RedisServer
    name: str

    def present(self) -> int:
        """Return the port of the server that the Sentinel names as the primary."""
        found = self.sentinel.say("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.name)
        return int(found[1])  # type: ignore[index]


@contextmanager
def watched_redis(folder: Path, name: str = "hub") -> Iterator[Watched]:
    """Run a primary and a replica, and a Sentinel that promotes the replica within a second."""
    with redis_server(folder) as primary:
        lines = (
            f"sentinel monitor {name} 127.0.0.1 {primary.port} 1",
            f"sentinel down-after-milliseconds {name} 300",
            f"sentinel failover-timeout {name} 2000",
        )
        follow = f"replicaof 127.0.0.1 {primary.port}"
        with (
            redis_server(folder, follow, "repl-diskless-sync-delay 0") as replica,
            redis_server(folder, *lines, mode="--sentinel") as sentinel,
        ):
            made = Watched(primary, replica, sentinel, name)
            eventually(lambda: _knows_the_replica(made), "the Sentinel finds no replica")
            yield made


def _knows_the_replica(watched: Watched) -> bool:
    linked = watched.replica.client().info("replication")["master_link_status"] == "up"
    return linked and bool(watched.sentinel.say("SENTINEL", "REPLICAS", watched.name))
