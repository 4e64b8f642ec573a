"""The crew of one process: which worker runs which kinds of job."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from idp.domain.messages.delivery import BACKCHANNEL_LOGOUT
from idp.jobs.crew import Crew
from idp.jobs.schedule import Schedule
from idp.jobs.worker import Handler, Worker, WorkerPorts
from idp.ports import MAIL
from idp.services.account.change_mobile import CHECK_MOBILE
from idp.services.account.check_mobile import CheckMobile
from idp.services.messages.messages import SMS, SMS_CODE
from idp.services.messages.send_mail import SendMail
from idp.services.messages.send_message import SendMessage
from idp.services.registration.decide_case import CHECK_CASE, DecideCase
from idp.services.registration.fill_roles import FILL_ROLES, FillRoles
from idp.services.registration.profession import CHECK_PROFESSION, CheckProfession
from idp.services.sign_out.back_channel_logout import TRIES, BackChannelLogout
from idp.services.upkeep.anchor_audit import AnchorAudit
from idp.services.upkeep.clean_up import CLEAN_UP, CleanUp


@dataclass(frozen=True, slots=True, kw_only=True)
class JobUseCases:
    """The use cases that run the jobs."""

    decide_case: DecideCase
    check_profession: CheckProfession
    fill_roles: FillRoles
    check_mobile: CheckMobile
    send_message: SendMessage
    send_mail: SendMail
    back_channel_logout: BackChannelLogout
    clean_up: CleanUp
    anchor_audit: AnchorAudit
    each_minute: tuple[Callable[[], None], ...] = ()
    """Further acts of each minute; several workers may run them at once."""


def build_crew(ports: WorkerPorts, use_cases: JobUseCases, *, poll: timedelta) -> Crew:
    """Return the crew of this process: workers for codes, notices, mails, portals, and cases.

    Each has a thread of its own, so that a code waits neither for notices nor for a registry.
    """
    send = use_cases.send_message.run
    lanes = {
        # A citizen waits for the code, which is valid for minutes only.
        "codes": {SMS_CODE: Handler(send, first_wait=timedelta(seconds=5))},
        "notices": {SMS: Handler(send)},
        "mails": {MAIL: Handler(use_cases.send_mail.run)},
        "portals": {BACKCHANNEL_LOGOUT: Handler(use_cases.back_channel_logout.run, tries=TRIES)},
        "cases": {
            CHECK_CASE: Handler(use_cases.decide_case.run),
            CHECK_PROFESSION: Handler(use_cases.check_profession.run),
            FILL_ROLES: Handler(use_cases.fill_roles.run),
            CHECK_MOBILE: Handler(use_cases.check_mobile.run),
            CLEAN_UP: Handler(use_cases.clean_up.run),
        },
    }
    here = f"{socket.gethostname()}:{os.getpid()}"
    workers = [Worker(f"{here}:{lane}", ports, kinds) for lane, kinds in lanes.items()]
    each_minute = (use_cases.anchor_audit.run, use_cases.clean_up.wipe_successors)
    schedule = Schedule(ports.begin, ports.clock, (*each_minute, *use_cases.each_minute))
    return Crew(workers, schedule, poll=poll)
