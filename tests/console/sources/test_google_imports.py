import subprocess
import sys
from pathlib import Path

BROKEN_STREAMS = """
import asyncio, datetime, os
os.environ.pop("GRPC_VERBOSITY", None)
from console.model.log.lines import LogQuery
from console.model.service import ServiceName
from console.sources.base import Offline
from console.sources.google_channel import Endpoints, connect

async def main() -> None:
    # As in the console, what brings gRPC in is the connection, not the server of the test.
    nowhere = Endpoints.on_loopback("127.0.0.1:1", "127.0.0.1:1")
    await (await connect(nowhere, {}, lambda: datetime.datetime.now(datetime.UTC))).aclose()
    for _ in range(10):
        await follow_until_it_breaks()

async def follow_until_it_breaks() -> None:
    from scripted_google import ScriptedGoogle, serving
    google = ScriptedGoogle()
    async with serving(google) as cloud:
        lines = cloud.logs.tail(ServiceName("p", "r", "s"), LogQuery())
        following = asyncio.create_task(anext(lines))
        await google.followed.wait()
        await google.server.stop(None)
        try:
            await following
        except Offline:
            print("offline")

asyncio.run(main())
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent,
    )


def test_saying_where_the_cloud_is_imports_nothing_of_google_s() -> None:
    program = (
        "import sys, console.sources.base, console.sources.google_channel\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('google', 'grpc', 'proto')))"
    )

    assert run(program).stdout.strip() == "[]"


def test_a_broken_connection_writes_nothing_on_the_screen() -> None:
    answer = run(BROKEN_STREAMS)

    assert answer.stdout.split() == ["offline"] * 10
    assert answer.stderr == ""
