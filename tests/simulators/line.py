"""A line to a server that can be frozen, cut and led elsewhere."""

import socket
import threading
import time
from contextlib import suppress


class Line:
    """A TCP proxy: the one address of servers that take turns. ``to`` is the port behind it.

    While ``frozen``, nothing passes and nobody is told. With ``cut_replies``, each reply ends after
    its first byte.
    """

    def __init__(self, to: int) -> None:
        self.to = to
        self.frozen = threading.Event()
        self.cut_replies = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def connections(self) -> frozenset[socket.socket]:
        """Both ends of every connection of now; one that has ended, both sides told, is none."""
        return frozenset(self._open)

    def cut(self) -> None:
        """Close every connection."""
        for line in tuple(self._open):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop listening, and close every connection."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[near], daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        while self.frozen.is_set():
            time.sleep(0.02)
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self.to)) as far:
            self._open |= {near, far}
            back = threading.Thread(target=self._pump, args=[far, near, True], daemon=True)
            back.start()
            self._pump(near, far, False)
            back.join()
            self._open -= {near, far}

    def _pump(self, source: socket.socket, sink: socket.socket, is_reply: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                while self.frozen.is_set():
                    time.sleep(0.02)
                is_cut = is_reply and self.cut_replies
                sink.sendall(data[:1] if is_cut else data)
                if is_cut:
                    break
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
