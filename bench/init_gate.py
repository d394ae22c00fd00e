"""Sits between a function and the emulator's runtime API. Init is over when the function first asks for an event."""

import socket
import threading
import time
from collections.abc import Callable

from processes import free_port

CHUNK_BYTES = 65_536
# A function asks for its next event with a path that ends like this.
NEXT = b"/runtime/invocation/next"


class InitGate:
    """Passes bytes on, and calls `then` once, before the first question for an event reaches the emulator."""

    def __init__(self, then: Callable[[], None]):
        self.then = then
        self.runtime_port = free_port()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.over_at: float | None = None
        threading.Thread(target=self.accept, daemon=True).start()

    def around(self) -> list[str]:
        """What a command is put behind to take this for the runtime API."""
        return ["/usr/bin/env", f"AWS_LAMBDA_RUNTIME_API=127.0.0.1:{self.port}"]

    def accept(self) -> None:
        while True:
            try:
                function, _ = self.listener.accept()
            except OSError:
                return
            emulator = socket.create_connection(("127.0.0.1", self.runtime_port))
            for one in (function, emulator):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink in ((function, emulator), (emulator, function)):
                threading.Thread(target=self.pass_on, args=(source, sink), daemon=True).start()

    def pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(CHUNK_BYTES):
                if self.over_at is None and NEXT in data:
                    self.then()
                    self.over_at = time.perf_counter()
                sink.sendall(data)
        except OSError:
            pass
        finally:
            # The other direction then ends too.
            for one in (source, sink):
                close(one)

    def stop(self) -> None:
        close(self.listener)


def close(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
