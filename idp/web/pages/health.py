"""Health: the endpoint for monitoring a process."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("health", __name__)


@bp.get("/alive")
def alive() -> ResponseReturnValue:
    """Say that this process answers; the database is not asked (`idp check` does that)."""
    return {"alive": True}
