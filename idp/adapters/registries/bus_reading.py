"""The envelope of the government's service bus: result, messages, texts as base64."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from idp.adapters.registries import reading
from idp.adapters.registries.http_json import NotUnderstood


def returned(answer: Mapping[str, Any], operation: str) -> Mapping[str, Any]:
    """Return the object that ``operation`` returned. Raises NotUnderstood."""
    response = reading.child(answer, "result", "data", f"{operation}Response")
    found = response.get("return")
    if isinstance(found, list) and len(found) == 1:
        found = found[0]  # the WSDL declares a list; the bus unwraps lists of one
    return reading.child({"return": found}, "return")


def messages(found: Mapping[str, Any]) -> list[str]:
    """Return the codes in ``message`` and ``exceptionMessage``."""
    written = found.get("message")
    listed = written if isinstance(written, list) else [written]
    said = [*listed, found.get("exceptionMessage")]
    return [message for message in said if isinstance(message, str)]


def decoded(found: Mapping[str, Any], name: str) -> str:
    """Return the text ``name``, which the bus sends as base64. Raises NotUnderstood."""
    try:
        plain = base64.b64decode(reading.text(found, name), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise NotUnderstood(f"odd_{name}") from None
    return reading.text({name: plain}, name)
