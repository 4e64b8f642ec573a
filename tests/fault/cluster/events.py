"""What befalls the cluster while citizens sign in: a node dies, or is cut off from a store."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.fault.cluster.town import Node, Town

Act = Callable[[Town], None]


@dataclass(frozen=True)
class Event:
    """One row of the report."""

    title: str
    strike: Act
    mend: Act
    loses_the_node: bool = True
    """Its health check must say so; where not, it must go on saying that it is ready."""
    sign_ins_go_on: bool = True


def _victim(town: Town) -> Node:
    return town.nodes[0]


def _kill(town: Town) -> None:
    town.crashes += 1  # of its worker
    _victim(town).kill()


def _start(town: Town) -> None:
    _victim(town).start()


def _unplug(town: Town) -> None:
    town.crashes += 1  # its worker may have sent a message, and cannot note it
    _victim(town).host.unplug()


def _lose_database(town: Town) -> None:
    town.crashes += 1
    _victim(town).host.lose(town.database)


def _refuse_database(town: Town) -> None:
    town.crashes += 1
    _victim(town).host.refuse(town.database)


def _lose_all(town: Town) -> None:
    for node in town.nodes:
        town.crashes += 1
        node.host.lose(town.database)


EVENTS = (
    Event("a node is killed (`kill -9` of all its processes)", _kill, _start),
    Event("a node's line is unplugged", _unplug, Town.mend),
    Event(
        "a node is cut off from Redis: packets vanish",
        lambda town: _victim(town).host.lose(town.cache),
        Town.mend,
        loses_the_node=False,
    ),
    Event(
        "a node is cut off from Redis: it cannot be reached",
        lambda town: _victim(town).host.refuse(town.cache),
        Town.mend,
        loses_the_node=False,
    ),
    Event("a node is cut off from PostgreSQL: packets vanish", _lose_database, Town.mend),
    Event("a node is cut off from PostgreSQL: it cannot be reached", _refuse_database, Town.mend),
    Event(
        "all nodes are cut off from PostgreSQL: packets vanish",
        _lose_all,
        Town.mend,
        sign_ins_go_on=False,
    ),
)
