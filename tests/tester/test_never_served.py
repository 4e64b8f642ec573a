"""No process that serves citizens loads what answers wrongly on purpose."""

import subprocess
import sys

import pytest

LOOK = """
import sys
import {module}
print([name for name in sys.modules if name.startswith(("idp.tester", "idp.app.trial",
    "idp.adapters.browsers"))])
"""


@pytest.mark.parametrize("module", ["idp.app", "idp.web.server", "idp.jobs.build"])
def test_the_served_hub_does_not_load_the_tester(module):
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(module=module)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
