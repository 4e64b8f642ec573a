"""The least client's file, and what comes of it with other members."""

import pytest

from idp.domain.clients.metadata import parse_client
from idp.domain.clients.problems import InvalidClientMetadata

LEAST = {"client_id": "app", "client_name": "app", "redirect_uris": ["https://app.test/cb"]}


def refusal(**members):
    with pytest.raises(InvalidClientMetadata) as refused:
        parse_client(LEAST | members)
    return refused.value


def problems(**members):
    return [problem.member for problem in refusal(**members).problems]


def parsed(**members):
    return parse_client(LEAST | members)
