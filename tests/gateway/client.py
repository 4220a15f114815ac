"""Somebody who hands mail in, at the level of bytes."""

import asyncio
import re
from contextlib import asynccontextmanager

AGENT = "smith@ice.dhs.gov"
OFFICER = "jane@lansing.example"


class Talk:
    """One connection to the gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def reply(self) -> str:
        """One reply, all its lines; empty: the other side hung up."""
        lines = []
        while True:
            try:
                line = (await asyncio.wait_for(self.reader.readline(), 60)).decode()
            except ConnectionError:
                return ""
            lines.append(line.rstrip("\r\n"))
            if not line or line[3:4] != "-":
                return "\n".join(lines)

    async def say(self, line: str | bytes) -> str:
        self.writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        await self.writer.drain()
        return await self.reply()

    async def hand(self, raw: bytes, *to: str, sender: str = OFFICER, parameters: str = "") -> str:
        """Hand a message over; the last reply."""
        said = await self.say(f"MAIL FROM:<{sender}>{parameters}")
        if not said.startswith("250"):
            return said
        for address in to:
            said = await self.say(f"RCPT TO:<{address}>")
            if not said.startswith("250"):
                return said
        said = await self.say("DATA")
        if not said.startswith("354"):
            return said
        return await self.say(stuff(raw) + b".")

    async def is_over(self) -> bool:
        """Whether the other side has hung up."""
        return await self.reply() == ""


def stuff(raw: bytes) -> bytes:
    """Dots doubled, and the last line ended."""
    raw = re.sub(rb"(?m)^\.", b"..", raw)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


@asynccontextmanager
async def talk(port: int, *, greet: bool = True, host: str = "127.0.0.1"):
    reader, writer = await asyncio.open_connection(host, port)
    one = Talk(reader, writer)
    try:
        if greet:
            assert (await one.reply()).startswith("220")
            assert (await one.say("EHLO client")).startswith("250")
        yield one
    finally:
        writer.close()
