"""Ends TLS before the simulated AWS, on one address per service, and passes bytes on as they come."""

import argparse
import asyncio
import ssl

# Where several services share an address, a client may share its connections between them, which no client of AWS can.
FIRST_ADDRESS = 1


class Onward(asyncio.Protocol):
    """One direction of a connection: what one side sends, the other receives."""

    def __init__(self):
        self.transport: asyncio.Transport | None = None
        self.other: Onward | None = None
        self.early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        for data in self.early:
            transport.write(data)
        self.early.clear()

    def data_received(self, data: bytes) -> None:
        self.other.send(data)

    def send(self, data: bytes) -> None:
        if self.transport is None:
            self.early.append(data)
        else:
            self.transport.write(data)

    def connection_lost(self, problem: Exception | None) -> None:
        other = self.other.transport if self.other else None
        if other is not None:
            other.close()


class Accepted(Onward):
    """What a client opened. Its own connection to the twin is opened with it, and lives as long."""

    def __init__(self, upstream_port: int):
        super().__init__()
        self.upstream_port = upstream_port
        self.connecting: asyncio.Task | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.other = Onward()
        self.other.other = self
        super().connection_made(transport)
        self.connecting = asyncio.ensure_future(self.connect())

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self.other, "127.0.0.1", self.upstream_port)
        except OSError:
            self.transport.close()


async def serve(arguments: argparse.Namespace) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.certificate, arguments.key)
    context.set_alpn_protocols(["http/1.1"])
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda: Accepted(arguments.upstream), address, arguments.port, ssl=context)
        for address in addresses(arguments.count)
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


def addresses(count: int) -> list[str]:
    """All of 127.0.0.0/8 is this machine."""
    return [f"127.0.0.{last}" for last in range(FIRST_ADDRESS, FIRST_ADDRESS + count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--count", type=int, required=True, help="addresses, from 127.0.0.1 on")
    parser.add_argument("--upstream", type=int, required=True, help="the twin's port on 127.0.0.1")
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
