"""The operator is told when a source has been broken for long, once, and once when it is well again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog

from aggregator.fetching.errors import FetchError, without_credentials
from storage.source import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.fetching.client import Fetcher
    from aggregator.settings import AlertSettings
    from storage.source import PullState

log = structlog.get_logger("alert")

# Commands and requests at once, and seconds for each: many sources may break at one moment.
_AT_ONCE: Final = 4
_PATIENCE: Final = 30.0
_LONGEST_OUTPUT: Final = 500


class AlertError(Exception):
    """An alert did not arrive; the message is a sentence for people."""


class Alerts:
    """Tells the operator, by a command, a web hook, or both. *fetcher* may be None where there is no web hook."""

    def __init__(self, settings: AlertSettings, site: str, fetcher: Fetcher | None) -> None:
        self._settings = settings
        self._site = site
        self._fetcher = fetcher
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def tell(self, state: PullState) -> PullState:
        """Tell of *state* if that is news, and give it back with ``alerted`` as it is then.

        An alert that did not arrive is tried again after the next pull.
        """
        broken = state.failures > self._settings.after or state.trouble is Trouble.GONE
        is_news = broken if state.alerted is None else not state.failures
        if not is_news or not (self._settings.command or self._settings.webhook):
            return state
        try:
            async with self._turn:
                await self._send(orjson.dumps(_told(state, self._site, broken=broken)))
        except AlertError as error:
            log.error("not told", source=state.source, reason=str(error))  # noqa: TRY400  a sentence says it all
            return state
        log.info("told", source=state.source, broken=broken)
        return replace(state, alerted=datetime.now(UTC) if broken else None)

    async def _send(self, message: bytes) -> None:
        if self._settings.command:
            await _run(self._settings.command, message)
        if self._settings.webhook:
            await self._post(self._settings.webhook, message)

    async def _post(self, address: str, message: bytes) -> None:
        from aggregator.fetching.request import FetchRequest

        assert self._fetcher is not None  # noqa: S101  the mill saw to it
        request = FetchRequest(address, private=True, timeout=_PATIENCE)
        try:
            answer = await self._fetcher.post(request, message, {"Content-Type": "application/json"})
        except FetchError as error:
            raise AlertError(str(error)) from error
        if not 200 <= answer.status < 300:
            raise AlertError(f"{without_credentials(address)} answers with status {answer.status}")


def _told(state: PullState, site: str, *, broken: bool) -> dict[str, Any]:
    """What is told of *state*, for programs; times in UTC."""
    return {
        "event": "broken" if broken else "well",
        "site": site,
        "source": state.source,
        "trouble": state.trouble,
        "failure": state.failure,
        "failures": state.failures,
        "lastSuccess": state.last_success,
        "nextPull": state.next_pull,
        "proposal": state.proposal,
    }


async def _run(command: Sequence[str], message: bytes) -> None:
    """Run *command* with *message* on its standard input.

    Raises:
        AlertError: it could not be run, failed, or did not end in time.
    """
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=asyncio.subprocess.DEVNULL, stderr=pipe
        )
    except (OSError, ValueError) as error:
        raise AlertError(f"{command[0]} cannot be run: {error}") from error
    try:
        async with asyncio.timeout(_PATIENCE):
            _, said = await process.communicate(message)
    except TimeoutError as error:
        raise AlertError(f"{command[0]} did not end in {_PATIENCE:g} seconds") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        told = said.decode(errors="replace").strip()[-_LONGEST_OUTPUT:]
        raise AlertError(f"{command[0]} failed with exit code {process.returncode}{f': {told}' if told else ''}")
