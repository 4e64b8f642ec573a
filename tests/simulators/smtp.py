"""A mail server on loopback that answers as it is told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """``replies``: what a command is answered in place of the usual; ``mails``: what came."""

    port: int = 0
    replies: dict[str, bytes] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


USUAL = {
    "EHLO": b"250-here\r\n250 AUTH PLAIN\r\n",
    "DATA": b"354 go on\r\n",
    "QUIT": b"221 bye\r\n",
    "AUTH": b"235 welcome\r\n",
}


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Yield a running server."""
    state = MailServer()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 ready\r\n")
            while line := self.rfile.readline():
                text = line.decode("latin-1").strip()  # the hello of TLS is no text
                command = text.split(" ")[0].upper()
                state.commands.append(text)
                self.wfile.write(state.replies.get(command, USUAL.get(command, b"250 well\r\n")))
                if command == "QUIT":
                    return
                if command == "DATA" and command not in state.replies:
                    state.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                    self.wfile.write(state.replies.get(".", b"250 taken\r\n"))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()
