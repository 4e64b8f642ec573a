"""docs/generated/openapi.json, from routes and constants of the checks (``make openapi``)."""

import json
import re
from importlib.metadata import version
from typing import Any

from idp.domain.clients.metadata import MEMBERS
from idp.domain.clients.registration import SAME_NAME
from idp.protocol.core.request_parameters import FORM_TYPE, FREE_TEXT, MAX_FIELD, MULTIPLE
from tests.architecture.sources import ROOT
from tests.openapi.operations import OPERATIONS, Operation
from tests.openapi.parameters import PARAMETERS
from tests.openapi.routes import protocol_routes

FILE = ROOT / "docs" / "generated" / "openapi.json"
PRINTABLE = "^[ -~]*$"
"""As the front filter has it, but for the parameters that are free text."""

ISSUER = "https://account.tamin.ir"


def document() -> dict[str, Any]:
    """Return the description of every route; a KeyError names one that nobody described."""
    paths: dict[str, dict[str, Any]] = {}
    for path, method in protocol_routes():
        described = OPERATIONS[path, method]
        paths.setdefault(path, {})[method.lower()] = _operation(path, method, described)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "account.tamin.ir: OpenID Connect",
            "version": version("tamin-account"),
            "description": (
                "The endpoints that portals ask. What stands in no parameter list is ignored; a "
                "parameter that comes twice is refused. docs/integrate/guide.md says how to begin."
            ),
        },
        "servers": [{"url": ISSUER}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "client_secret_basic": {"type": "http", "scheme": "basic"},
                "access_token": {"type": "http", "scheme": "bearer"},
                "registration_token": {"type": "http", "scheme": "bearer"},
            }
        },
    }


def text() -> str:
    """Return the file's content."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _operation(path: str, method: str, described: Operation) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "operationId": f"{method.lower()} {path}",
        "summary": described.summary,
        "responses": dict(sorted(described.answers.items())),
        "security": list(described.security),
    }
    if described.deprecated:
        whole["deprecated"] = True
    names = sorted(described.parameters)
    in_path = re.findall(r"{([a-z_]+)}", path)
    if in_path:
        whole["parameters"] = [_in_path(name) for name in in_path]
    if described.has_metadata:
        whole["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _metadata()}},
        }
    elif described.in_body:
        whole["requestBody"] = _form(names, described.required)
    elif names:
        whole["parameters"] = [_parameter(name, described.required) for name in names]
    return whole


def _in_path(name: str) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": 64}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _metadata() -> dict[str, Any]:
    """RFC 7591 2: everything else is ignored."""
    kinds: dict[str, dict[str, Any]] = {
        "list of texts": {"type": "array", "items": {"type": "string"}},
        "number": {"type": "integer"},
        "table": {"type": "object"},
    }
    members = {name: kinds.get(MEMBERS[name], {"type": "string"}) for name in SAME_NAME}
    return {
        "type": "object",
        "required": ["redirect_uris"],
        "properties": {**members, "scope": {"type": "string"}},
    }


def _form(names: list[str], required: tuple[str, ...]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _schema(name) for name in names},
    }
    if required:
        schema["required"] = list(required)
    return {"required": bool(required), "content": {FORM_TYPE: {"schema": schema}}}


def _parameter(name: str, required: tuple[str, ...]) -> dict[str, Any]:
    schema = _schema(name)
    return {
        "name": name,
        "in": "query",
        "description": schema.pop("description"),
        "required": name in required,
        "schema": schema,
    }


def _schema(name: str) -> dict[str, Any]:
    bounds = {} if name in FREE_TEXT else {"pattern": PRINTABLE}
    schema = {"maxLength": MAX_FIELD, **bounds, **PARAMETERS[name]}
    if name not in MULTIPLE:
        return schema
    about = schema.pop("description")
    return {"type": "array", "items": schema, "description": about}


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
