"""The ``idp`` command as it is installed: it loads the hub, then runs the command."""

import gc


def main() -> None:
    """Run the ``idp`` command.

    Loading the hub makes much and leaves little garbage: collecting it meanwhile is a tenth of a
    start. What is loaded stays, so no later collection looks at it again.
    """
    gc.disable()
    from idp.app import main as run  # noqa: PLC0415 (after the collector is off)

    gc.freeze()
    gc.enable()
    run()
