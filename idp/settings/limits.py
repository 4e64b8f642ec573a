"""The settings of the rate limits; ``config/default.toml`` has the reason for each number."""

from typing import Annotated

from pydantic import Field

from idp.settings.section import Seconds, Section

MOST_DOUBLINGS = 10
"""Work of a thousand seconds, more than any citizen waits for."""
MOST_IN_A_PUZZLE = 6
"""A minute of work: an old phone, four times as slow, still ends before the form expires."""


class Count(Section):
    """At most ``count`` actions in ``per_seconds``."""

    count: int = Field(ge=1)
    per_seconds: Seconds


class WorkFrom(Section):
    """Work is asked from the action ``work_from`` on, twice as hard with ``harder_every`` more."""

    work_from: int = Field(ge=1)
    per_seconds: Seconds
    harder_every: int = Field(ge=1)


class Waits(Section):
    """``free`` tries, then waits that double."""

    free: int = Field(ge=1)
    first_wait_seconds: Seconds
    longest_wait_seconds: Seconds
    memory_seconds: Seconds


Counts = Annotated[tuple[Count, ...], Field(min_length=1)]


class Limits(Section):
    """What owners may do, and from when on work is asked of everybody."""

    hardest_work: int = Field(ge=0, le=MOST_DOUBLINGS)
    hardest_puzzle: int = Field(ge=0, le=MOST_IN_A_PUZZLE)
    tickets_per_minute: int = Field(ge=1, le=60)

    passwords_on_known_device: Waits
    code_again_after_seconds: Seconds
    codes_of_account: Counts
    mobile_changes_of_account: Counts
    data_changes_of_account: Counts
    email_links_of_account: Counts
    recovery_answers: Count

    wrong_passwords_by_account: WorkFrom
    turns_from: int = Field(ge=1)
    turn_price_doubles_every_seconds: Seconds
    hardest_turn_work: int = Field(ge=0, le=MOST_DOUBLINGS)
    first_turn_every_seconds: Seconds
    wrong_passwords_by_network: WorkFrom
    accounts_of_a_password: int = Field(ge=1)
    accounts_of_a_password_by_network: int = Field(ge=1)
    password_rush: int = Field(ge=1)
    registrations_by_network: WorkFrom
    codes_by_network: WorkFrom
    codes_by_phone: WorkFrom
    codes_to_phone: Counts
    known_phones: int = Field(ge=1)
    garbage_by_network: Count

    client_changes: Count
    client_registrations: Count
    client_failures: Count
