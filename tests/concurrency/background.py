"""Clients that go on in threads of their own while a block lasts."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self


class Background:
    """Runs `_run` in so many threads until the block ends; what one of them raises is raised."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._stopping = threading.Event()
        self._threads = ThreadPoolExecutor(count)
        self._running: list[Future[None]] = []

    def __enter__(self) -> Self:
        self._running = [self._threads.submit(self._run, n) for n in range(self._count)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._threads.shutdown()
        for running in self._running:
            running.result()

    def _run(self, number: int) -> None:
        """What thread `number` does until `_stopping` is set."""
        raise NotImplementedError
