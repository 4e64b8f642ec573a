"""Machines of their own network, on one machine: namespaces joined by a bridge (ip-netns(8))."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

NOBODY = "02:00:00:00:00:01"
"""A link-layer address that no machine of the bridge has: what is sent there vanishes."""
LINE = "eth0"


def why_not() -> str:
    """Return why this machine can have no such network; empty: it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for program in ("ip", "nsenter", "setpriv"):
        if shutil.which(program) is None:
            return f"the program {program} is missing (Debian, Ubuntu: iproute2, util-linux)"
    name = f"idp{os.getpid()}-try"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    if tried.returncode:
        return f"no network namespace can be made: {tried.stderr.decode().strip()}"
    _ip("netns", "del", name)
    return ""


@dataclass(frozen=True)
class Host:
    """A machine with one line to the others."""

    name: str
    address: str
    plug: str
    """The end of its line at the bridge."""

    @property
    def within(self) -> Sequence[str]:
        """The command under which a program runs on this machine."""
        return ["nsenter", f"--net=/run/netns/{self.name}"]

    def lose(self, other: "Host") -> None:
        """Let everything that these two send each other vanish, as behind a broken switch."""
        for here, there in ((self, other), (other, self)):
            here._ip("neigh", "replace", there.address, "lladdr", NOBODY, "dev", LINE)

    def refuse(self, other: "Host") -> None:
        """Let what this machine sends to the other come back as unreachable, as by a firewall."""
        self._ip("route", "replace", "unreachable", f"{other.address}/32")

    def reach(self, other: "Host") -> None:
        """Undo both."""
        for here, there in ((self, other), (other, self)):
            here._ip("neigh", "del", there.address, "dev", LINE, check=False)
        self._ip("route", "del", "unreachable", f"{other.address}/32", check=False)

    def unplug(self) -> None:
        """Pull the line out at the bridge: to the others the machine is silent."""
        _ip("link", "set", self.plug, "down")

    def plug_in(self) -> None:
        """Put the line back."""
        _ip("link", "set", self.plug, "up")

    def processes(self) -> list[int]:
        """Return what runs on this machine."""
        return [int(word) for word in _ip("netns", "pids", self.name).split()]

    def _ip(self, *words: str, check: bool = True) -> None:
        _ip("-netns", self.name, *words, check=check)


@dataclass
class Network:
    """The bridge, whose own address is that of whoever runs the cluster."""

    bridge: str
    prefix: str
    """The first three bytes of all addresses."""
    hosts: list[Host] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the simulators of SMS gateway and registries are."""
        return f"{self.prefix}.1"

    def host(self, name: str) -> Host:
        """Add a machine."""
        number = len(self.hosts) + 2
        made = Host(f"{self.bridge}-{name}", f"{self.prefix}.{number}", f"{self.bridge}-{number}")
        self.hosts.append(made)
        _ip("netns", "add", made.name)
        line = ["type", "veth", "peer", "name", LINE, "netns", made.name]
        _ip("link", "add", made.plug, *line)
        _ip("link", "set", made.plug, "master", self.bridge, "up")
        _ip("-netns", made.name, "link", "set", "lo", "up")
        _ip("-netns", made.name, "address", "add", f"{made.address}/24", "dev", LINE)
        _ip("-netns", made.name, "link", "set", LINE, "up")
        return made


@contextmanager
def network() -> Iterator[Network]:
    """Make a bridge without machines; all that was added goes at the end."""
    number = os.getpid()
    made = Network(f"idp{number}", f"10.{200 + number // 250 % 50}.{number % 250}")
    _ip("link", "add", made.bridge, "type", "bridge")
    try:
        _ip("address", "add", f"{made.address}/24", "dev", made.bridge)
        _ip("link", "set", made.bridge, "up")
        yield made
    finally:
        for host in made.hosts:
            _ip("netns", "del", host.name, check=False)
        _ip("link", "del", made.bridge)


def _ip(*words: str, check: bool = True) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
