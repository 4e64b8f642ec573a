"""How often made-up requests are tried: the same few in `make test`, many in `make fuzz`."""

import os

from hypothesis import HealthCheck, settings


def often(examples: int, *, share: int = 1) -> settings:
    """Return settings with so many examples; in `make fuzz` its number, divided by ``share``."""
    wanted = os.environ.get("FUZZ_EXAMPLES")
    return settings(
        max_examples=int(wanted) // share if wanted else examples,
        suppress_health_check=list(HealthCheck),
    )
