"""What this machine takes for work that never changes: figures of two machines compare by it."""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

TIMES = 1000
_CLAIMS = {
    "iss": "https://account.tamin.ir",
    "aud": ["portal"],
    **{f"claim_{number}": "الف" * number for number in range(20)},
}


def cpu_ms(work: Callable[[], object], times: int) -> float:
    """Return the CPU milliseconds of this process for doing it so many times."""
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) * 1000


@dataclass
class Yardstick:
    """Measured again and again, beside what it is compared with."""

    rs256: list[float] = field(default_factory=list)
    """Milliseconds of 1,000 signatures of 2,048 bits."""
    es256: list[float] = field(default_factory=list)
    json: list[float] = field(default_factory=list)
    """Milliseconds of 1,000 round trips of a token's claims."""
    _rsa: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    _ec: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def measure(self) -> None:
        signed = b"x" * 600
        self.rs256.append(
            cpu_ms(lambda: self._rsa.sign(signed, padding.PKCS1v15(), SHA256()), TIMES)
        )
        self.es256.append(cpu_ms(lambda: self._ec.sign(signed, ec.ECDSA(SHA256())), TIMES))
        self.json.append(cpu_ms(lambda: json.loads(json.dumps(_CLAIMS)), TIMES))

    @property
    def length(self) -> float:
        """Milliseconds of 1,000 RS256 signatures and 1,000 round trips of JSON."""
        return statistics.median(self.rs256) + statistics.median(self.json)

    @property
    def rs256_ms(self) -> float:
        """Milliseconds of one signature."""
        return statistics.median(self.rs256) / TIMES

    @property
    def es256_ms(self) -> float:
        return statistics.median(self.es256) / TIMES
