"""Sends what is owed, for as long as it runs: to several followers at once, to each one thing after the other.

A follower's position moves once it has taken what it was sent: what a crash comes between is sent again, with the same
id. Each waits for its turn at its host before anything is made for it, and what failed waits in a lane of its own, so
that slow and dead receivers keep no other waiting. The store is used in a thread of its own: nobody waits here until a
folder of posts is read.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from aggregator.deliver import intent
from aggregator.deliver.intent import Answer
from aggregator.deliver.ledger import Ledger, Reply
from aggregator.deliver.parcel import host_of
from aggregator.deliver.signing import SecretError
from aggregator.fetching.errors import AddressRefused, FetchError, Unreachable, without_credentials
from aggregator.fetching.headers import retry_after
from aggregator.fetching.politeness import Limits, Turns
from aggregator.fetching.request import FetchRequest
from aggregator.worker import Worker
from storage.errors import StorageError
from storage.follower import FollowerKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

    from aggregator.config import Config
    from aggregator.deliver.outlook import Due, Outlook
    from aggregator.deliver.parcel import Parcel
    from aggregator.fetching.client import Fetcher
    from feeds.publishing.rendering import Renderer
    from storage.database import Database

    class Told(Protocol):
        """Hears of each delivery, and whether it was taken."""

        def __call__(self, kind: FollowerKind, *, taken: bool) -> None: ...  # noqa: D102


log = structlog.get_logger("deliver")

LIMITS: Final = Limits(healthy=64, failing=16, per_host=4, failing_per_host=1, at_once=20, per_second=10.0)
"""Deliveries at once, of followers that do well and of those that failed; a host on the Internet gets so many."""
TIMEOUT_SECONDS: Final = 10.0
"""A receiver takes what it is sent, and works on it later."""

# Other processes write to the store as well: what they did is seen after so many seconds.
_POLL_SECONDS = 10.0
_GONE = 410
_NOT_PUBLIC = (
    "is at an address that is not public; name its host in [publish] private_hosts if it is meant to be inside your "
    "network"
)


def _unheard(kind: FollowerKind, *, taken: bool) -> None:
    """Nobody counts deliveries."""


class Deliverer:
    """Delivers what is stored in *database*, as *renderer* writes it; *told* hears of each delivery."""

    def __init__(
        self,
        config: Config,
        database: Database,
        renderer: Renderer,
        told: Told = _unheard,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._config = config
        self._told = told
        self._clock = clock
        self._ledger = Ledger(config, database, renderer, clock)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._busy: set[str] = set()
        self._missed: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = Turns(LIMITS)

    def wake(self) -> None:
        """Look what is to be sent: something was stored. To be called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    def published(self, change: int) -> None:
        """All up to *change* is published: other hubs may come for it."""
        self._ledger.published = change
        self._woken.set()

    async def run(self) -> None:
        """Deliver until this is cancelled.

        Raises:
            StorageError: the store cannot be used.
        """
        async with self.running():
            while True:
                self._woken.clear()
                found = await self.begin_due()
                seconds = _POLL_SECONDS
                if found.next is not None:
                    seconds = min(seconds, max(0.0, (found.next - self._clock()).total_seconds()))
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._woken.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """What is needed to deliver; what is under way is broken off at the end of the block."""
        async with AsyncExitStack() as stack:
            self._stack = stack
            self._fetcher: Fetcher | None = None
            self._worker = Worker()
            stack.callback(self._worker.close)
            self._loop = asyncio.get_running_loop()
            await self._worker.do(self._ledger.see_to_hub)
            try:
                yield
            finally:
                await self._break_off()

    async def begin_due(self) -> Outlook:
        """Begin what is to be done now and is not under way, and say what that is."""
        found = await self.look()
        if found.send or found.ask:
            await self._fetching()
        for due in found.send:
            self._begin(due, self._send_all)
        for due in found.ask:
            self._begin(due, self._ask)
        return found

    async def look(self) -> Outlook:
        """What is to be done now, by whom it may be."""
        return await self._worker.do(self._ledger.look)

    async def send(self, name: str) -> bool:
        """Send a follower what it is owed, and say whether it took all."""
        due = await self._worker.do(partial(self._ledger.follower, name))
        if due is None:
            return True
        await self._fetching()
        return await self._send_all(due)

    async def ask(self, token: str) -> None:
        """Ask whether a subscriber meant its subscription."""
        due = await self._worker.do(partial(self._ledger.subscriber, token))
        if due is not None:
            await self._fetching()
            await self._ask(due)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, due: Due, work: Callable[[Due], Coroutine[object, object, object]]) -> None:
        if due.name in self._busy:
            self._missed.add(due.name)
            return
        self._busy.add(due.name)
        task = asyncio.get_running_loop().create_task(self._guarded(due, work), name=f"delivery to {due.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, due: Due, work: Callable[[Due], Awaitable[object]]) -> None:
        try:
            await work(due)
        except StorageError as error:
            log.error("not delivered", follower=due.name, reason=str(error))  # noqa: TRY400  a sentence says it all
        except Exception:
            # Otherwise nothing would be sent to anybody any more.
            log.exception("not delivered", follower=due.name)
        finally:
            self._busy.discard(due.name)
            if due.name in self._missed:  # what came meanwhile
                self._missed.discard(due.name)
                self._woken.set()

    async def _break_off(self) -> None:
        self._loop = None
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _fetching(self) -> None:
        """See to it that there is something to send with."""
        if self._fetcher is None:
            from aggregator.fetching.client import Fetcher

            self._fetcher = await self._stack.enter_async_context(Fetcher(self._config.user_agent, LIMITS))

    async def _send_all(self, due: Due) -> bool:
        """Send *due* one thing after the other, until it has all (True) or does not take one."""
        failing = due.failing
        while True:
            async with self._turns.turn(due.host, failing=failing, rated=False):
                taken = await self._send_next(due.name, failing=failing)
            if taken is not True:
                return taken is None
            failing = False

    async def _send_next(self, name: str, *, failing: bool) -> bool | None:
        """Send the next thing, and say whether it was taken; None where there is none."""
        parcel = None
        try:
            parcel = await self._worker.do(partial(self._ledger.next, name))
            if parcel is None:
                return None
            reply = await self._post(name, parcel, failing=failing)
        except SecretError as error:
            reply = Reply(str(error))
        except ValueError as error:
            # An entry that cannot be written, say: the others wait as for a receiver that does not take it.
            log.exception("not made", follower=name)
            reply = Reply(f"cannot be made: {error}")
        if parcel is None or parcel.bodies:
            self._told(FollowerKind(name.partition(":")[0]), taken=not reply.trouble)
        await self._worker.do(partial(self._ledger.record, name, parcel, reply))
        return not reply.trouble

    async def _post(self, name: str, parcel: Parcel, *, failing: bool) -> Reply:
        assert self._fetcher is not None  # noqa: S101  whoever began this saw to it
        request = self._request(parcel.address, failing=failing, configured=name.startswith(f"{FollowerKind.HUB}:"))
        for body in parcel.bodies:
            try:
                answer = await self._fetcher.exchange("POST", request, parcel.headers, body, follow=False)
            except AddressRefused:
                return Reply(f"{without_credentials(parcel.address)} {_NOT_PUBLIC}")
            except FetchError as error:
                return Reply(str(error))
            if not 200 <= answer.status < 300:
                trouble = f"{without_credentials(parcel.address)} answers with status {answer.status}"
                plea = retry_after(answer.headers.get("retry-after", ""), self._clock())
                gone = answer.status == _GONE and name.startswith(f"{FollowerKind.TOPIC}:")  # WebSub, 7
                return Reply(trouble, plea, gone)
        return Reply()

    async def _ask(self, due: Due) -> None:
        """Verification of intent (WebSub, 5.3), or a denial (5.2)."""
        async with self._turns.turn(due.host, failing=due.failing, rated=False):
            asked = await self._worker.do(partial(self._ledger.question, due.name))
            if asked is None:
                return
            assert self._fetcher is not None  # noqa: S101  whoever began this saw to it
            challenge = secrets.token_urlsafe(32)
            request = self._request(intent.question(asked, challenge), failing=due.failing)
            try:
                said = await self._fetcher.exchange("GET", request, {}, follow=False)
                answer = intent.answered(asked.pending, challenge, said.status, said.body)
            except FetchError as error:
                answer = Answer.SILENCE if isinstance(error, Unreachable) else Answer.NO
                log.info("asked in vain", host=asked.host, mode=str(asked.pending), failure=type(error).__name__)
            await self._worker.do(partial(self._ledger.answered, asked, answer))
        self._woken.set()

    def _request(self, address: str, *, failing: bool, configured: bool = False) -> FetchRequest:
        """A request that may go inside our network where the operator said so, and nowhere else."""
        private = configured or host_of(address) in self._config.publish.private_hosts
        return FetchRequest(address, private=private, timeout=TIMEOUT_SECONDS, failing=failing)
