"""A worker of one kind of job, a job for it, and a citizen whose case it decides."""

from idp.jobs.worker import Handler, Worker
from idp.ports import Job
from tests.services.laboratory import persona_of


def put(lab, kind="poison", unique="1"):
    with lab.begin() as work:
        work.outbox.put(Job(kind=kind, subject="s", unique=unique, run_at=lab.clock()))


def worker(lab, run, kind="poison", name="w"):
    return Worker(name, lab.worker_ports(), {kind: Handler(run)})


def known_person(lab):
    application, known = persona_of("ok_male")
    lab.registries.people[application.national_id.value] = known
    return application
