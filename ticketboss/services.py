"""What the web application and the command line both stand on."""

from dataclasses import dataclass

from ticketboss.config import Settings
from ticketboss.engine.administration import Administration
from ticketboss.engine.committer import Committer
from ticketboss.engine.feed import FEED_WAITERS_MAX, Feed
from ticketboss.engine.sweeper import Sweeper
from ticketboss.metrics import Metrics
from ticketboss.repository import open_repository
from ticketboss.repository.interface import Repository


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one process, put together from its settings."""

    settings: Settings
    repository: Repository
    committer: Committer
    sweeper: Sweeper
    administration: Administration
    feed: Feed
    metrics: Metrics


def open_services(settings: Settings, counts_folder: str | None = None) -> Services:
    """Put the parts together; nothing connects before its first use, so forking stays safe.

    `counts_folder` is where the workers of a server count together; operator commands do not.
    """
    repository = open_repository(settings.database_url)
    metrics = Metrics(counts_folder)
    repository.observe_lock_waits(metrics.lock_wait)
    committer = Committer(
        repository,
        command_seconds_max=settings.command_seconds_max,
        queue_length_max=settings.queue_length_max,
        meter=metrics,
    )
    return Services(
        settings,
        repository,
        committer,
        Sweeper(repository, committer),
        Administration(repository),
        Feed(repository, _waiters_max(settings)),
        metrics,
    )


def _waiters_max(settings: Settings) -> int:
    """How many requests may wait for the feed: they must leave room for those that do not."""
    if settings.worker_class == "gthread":
        return settings.worker_threads // 2
    return FEED_WAITERS_MAX
