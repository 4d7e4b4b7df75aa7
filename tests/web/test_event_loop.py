"""Windows' event loop goes on listening when somebody leaves at the door; asyncio's own would close it for everybody."""

import asyncio
import socket
import struct
import sys
import threading

import pytest

from trainkit.web.event_loop import new_event_loop

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="the loop of Windows")


async def answered(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


@pytest.mark.parametrize("says", [59, 64, 10054])
def test_who_leaves_while_being_let_in_closes_no_door(monkeypatch, capfd, says):
    let_in, left = asyncio.IocpProactor.accept, []

    def accept(proactor, listener):
        async def leaves():
            await waiting
            left.append(says)
            raise OSError(22, "gone", None, says)

        waiting = let_in(proactor, listener)
        return waiting if left else asyncio.ensure_future(leaves())

    async def hold():
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            first = asyncio.ensure_future(answered(port))
            given = await asyncio.wait_for(answered(port), 20)
            first.cancel()
            return given

    async def greet(_reader, writer):
        writer.write(b"hello")
        writer.close()

    monkeypatch.setattr(asyncio.IocpProactor, "accept", accept)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(hold()) == b"hello"
    assert left == [says] and "Traceback" not in capfd.readouterr().err


def test_phones_that_reset_before_they_are_let_in(capfd):
    def reset(port):
        with socket.create_connection(("127.0.0.1", port)) as phone:
            phone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("HH", 1, 0))

    async def greet(_reader, writer):
        writer.write(b"hello")
        writer.close()

    async def hold():
        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            for _ in range(5):
                phones = [threading.Thread(target=reset, args=(port,)) for _ in range(5)]
                [phone.start() for phone in phones]
                [phone.join() for phone in phones]  # the loop is held up meanwhile
                await asyncio.sleep(0.05)
            return await answered(port)

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(asyncio.wait_for(hold(), 60)) == b"hello"
    assert "Traceback" not in capfd.readouterr().err
