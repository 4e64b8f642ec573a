"""Health: the endpoint for monitoring a process."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from idp.web.http import security

bp = Blueprint("health", __name__)


@bp.get("/alive")
@security.for_programs
def alive() -> ResponseReturnValue:
    """Say that this process answers; the database is not asked (`idp check` does that)."""
    return {"alive": True}
