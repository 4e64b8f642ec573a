"""``redis.url``: one server, Sentinels, a cluster; with and without TLS."""

import pytest

from idp.settings.redis_address import RedisKind, redis_address


@pytest.mark.parametrize(
    ("url", "kind", "hosts", "service", "plain"),
    [
        (
            "redis://cache:6380/3",
            RedisKind.SINGLE,
            (("cache", 6380),),
            "",
            "redis://host/3",
        ),
        (
            "rediss://hub:p%40ss@[::1]",
            RedisKind.SINGLE,
            (("::1", 6379),),
            "",
            "rediss://hub:p%40ss@host",
        ),
        (
            "redis+sentinel://:secret@s1,s2:5000/hub/2",
            RedisKind.SENTINEL,
            (("s1", 26379), ("s2", 5000)),
            "hub",
            "redis://:secret@host/2",
        ),
        (
            "rediss+cluster://a,b:7000",
            RedisKind.CLUSTER,
            (("a", 6379), ("b", 7000)),
            "",
            "rediss://host",
        ),
    ],
)
def test_an_address_has_its_parts(url, kind, hosts, service, plain):
    found = redis_address(url)
    assert (found.kind, found.hosts, found.service, found.plain) == (kind, hosts, service, plain)
    assert found.is_tls is url.startswith("rediss")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cache:6379",
        "http://cache",
        "redis://",
        "redis://cache:port",
        "redis://a,b",
        "redis+sentinel://s1",
        "redis+sentinel:///hub",
        "redis+cluster://a,/0",
        "redis+cluster://a/1",
        "redis+other://a",
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ValueError):  # noqa: PT011 (any text: the setting's own sentence is shown)
        redis_address(url)
