"""What the web application and the command line both stand on."""

from dataclasses import dataclass

from ticketboss.config import Settings
from ticketboss.engine.administration import Administration
from ticketboss.engine.committer import Committer
from ticketboss.engine.feed import Feed
from ticketboss.engine.meter import NO_METER, Meter
from ticketboss.engine.sweeper import Sweeper
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


def open_services(settings: Settings, meter: Meter = NO_METER) -> Services:
    """Put the parts together; nothing connects before its first use, so forking stays safe.

    `meter` is told of what they do; operator commands count nothing.
    """
    repository = open_repository(settings.database_url, checkpoints=settings.checkpoints == "own")
    repository.observe_lock_waits(meter.lock_wait)
    committer = Committer(
        repository,
        command_seconds_max=settings.command_seconds_max,
        queue_length_max=settings.queue_length_max,
        meter=meter,
    )
    return Services(
        settings,
        repository,
        committer,
        Sweeper(repository, committer),
        Administration(repository),
        Feed(repository),
    )
