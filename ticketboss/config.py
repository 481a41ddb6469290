"""Settings: read once from the environment, checked all together, frozen."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any, cast

from dotenv import dotenv_values
from environs import Env, EnvValidationError, validate

from ticketboss import setting_checks as checks
from ticketboss.domain.events import TOTAL_SEATS_MAX

ENV_FILE_NAME = "TICKETBOSS_ENV_FILE"
ENV_FILE_DEFAULT = ".env"
# Named as hosting platforms and libraries name them; all others begin with TICKETBOSS_.
PLATFORM_SETTINGS = frozenset(
    {"database_url", "host", "port", "web_concurrency", "log_level", "prometheus_multiproc_dir"}
)
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
# Who moves what is in SQLite's write-ahead log into the database.
CHECKPOINTS = ("own", "litestream")
# auto: open while the server is bound to loopback alone, else keys.
AUTH_MODES = ("auto", "keys", "open")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set; the README says what each is for."""

    database_url: str
    host: str
    port: int
    web_concurrency: int
    log_level: str
    worker_class: str
    worker_threads: int
    default_event: str
    default_event_name: str
    default_event_seats: int
    command_seconds_max: float
    queue_length_max: int
    body_seconds_max: float
    checkpoints: str
    auth: str
    trusted_proxies: str
    rate_limit_writes: str
    rate_limit_reads: str
    rate_limit_storage: str
    console_secret: str
    prometheus_multiproc_dir: str


class BadSettings(Exception):
    """One or more settings are wrong; `problems` gives the reasons by the setting's name."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        lines = [f"  {name}: {reason}" for name, reason in sorted(problems.items())]
        super().__init__("These settings are wrong:\n" + "\n".join(lines))


def load_settings() -> Settings:
    """Read the settings from the environment and from the file that TICKETBOSS_ENV_FILE names.

    The environment wins over the file. Raises BadSettings with every wrong setting at once.
    """
    env = Env(eager=False)
    env_file = os.environ.get(ENV_FILE_NAME, ENV_FILE_DEFAULT)
    problems, names = _read_file(env, env_file)
    settings = _read(env) | _read_access(env)
    problems |= _unknown_names({*os.environ, *names})
    try:
        env.seal()
    except EnvValidationError as error:
        reasons = cast(dict[str, list[str]], error.error_messages)
        problems |= {name: " ".join(texts) for name, texts in reasons.items()}
    if problems:
        raise BadSettings(problems)
    return Settings(**settings)


def _read(env: Env) -> dict[str, Any]:
    between = validate.Range
    default_worker_class = "gevent" if find_spec("gevent") else "gthread"
    return {
        "database_url": env.str(
            "DATABASE_URL", "sqlite:///data/ticketboss.db", validate=checks.database_url
        ),
        "host": env.str("HOST", "127.0.0.1", validate=checks.host),
        "port": env.int("PORT", 3000, validate=between(1, 65_535)),
        "web_concurrency": env.int("WEB_CONCURRENCY", 2, validate=between(1, 64)),
        "log_level": env.str("LOG_LEVEL", "info", validate=validate.OneOf(LOG_LEVELS)),
        "worker_class": env.str(
            "TICKETBOSS_WORKER_CLASS", default_worker_class, validate=checks.worker_class
        ),
        "worker_threads": env.int("TICKETBOSS_WORKER_THREADS", 8, validate=between(1, 64)),
        "default_event": env.str(
            "TICKETBOSS_DEFAULT_EVENT", "node-meetup-2025", validate=checks.event_id_or_empty
        ),
        "default_event_name": env.str(
            "TICKETBOSS_DEFAULT_EVENT_NAME", "Node.js Meet-up", validate=checks.event_name
        ),
        "default_event_seats": env.int(
            "TICKETBOSS_DEFAULT_EVENT_SEATS", 500, validate=between(1, TOTAL_SEATS_MAX)
        ),
        "command_seconds_max": env.float(
            "TICKETBOSS_COMMAND_SECONDS_MAX", 5.0, validate=between(0.1, 25.0)
        ),
        "queue_length_max": env.int(
            "TICKETBOSS_QUEUE_LENGTH_MAX", 1_000, validate=between(1, 100_000)
        ),
        "body_seconds_max": env.float(
            "TICKETBOSS_BODY_SECONDS_MAX", 10.0, validate=between(0.5, 60.0)
        ),
        "checkpoints": env.str(
            "TICKETBOSS_CHECKPOINTS", "own", validate=validate.OneOf(CHECKPOINTS)
        ),
    }


def _read_access(env: Env) -> dict[str, Any]:
    return {
        # The name is that of prometheus-client, which reads it too.
        "prometheus_multiproc_dir": env.str("PROMETHEUS_MULTIPROC_DIR", "", validate=checks.folder),
        "auth": env.str("TICKETBOSS_AUTH", "auto", validate=validate.OneOf(AUTH_MODES)),
        "trusted_proxies": env.str("TICKETBOSS_TRUSTED_PROXIES", "", validate=checks.networks),
        "rate_limit_writes": env.str(
            "TICKETBOSS_RATE_LIMIT_WRITES", "500/second", validate=checks.rate_limits
        ),
        "rate_limit_reads": env.str(
            "TICKETBOSS_RATE_LIMIT_READS", "1000/second", validate=checks.rate_limits
        ),
        "rate_limit_storage": env.str(
            "TICKETBOSS_RATE_LIMIT_STORAGE", "memory://", validate=checks.rate_limit_storage
        ),
        "console_secret": env.str("TICKETBOSS_CONSOLE_SECRET", "", validate=checks.secret_or_empty),
    }


def _read_file(env: Env, env_file: str) -> tuple[dict[str, str], Iterable[str]]:
    """Read the file into `env`; gives what is wrong with it, and the names in it."""
    if not env_file or (env_file == ENV_FILE_DEFAULT and not Path(env_file).exists()):
        return {}, ()
    try:
        lines = Path(env_file).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {ENV_FILE_NAME: f"There is no file {env_file}."}, ()
    except (OSError, UnicodeDecodeError) as error:
        return {ENV_FILE_NAME: f"The file {env_file} cannot be read: {error}."}, ()
    env.read_env(env_file, recurse=False)
    return {}, dotenv_values(stream=StringIO(lines))


def env_name(setting: str) -> str:
    """The environment variable that sets a field of Settings."""
    return setting.upper() if setting in PLATFORM_SETTINGS else f"TICKETBOSS_{setting.upper()}"


def _unknown_names(given: Iterable[str]) -> dict[str, str]:
    """A misspelt setting would be ignored silently, so every name of ours must be known."""
    known = {env_name(field.name) for field in fields(Settings)} | {ENV_FILE_NAME}
    return {
        name: "There is no setting of this name."
        for name in given
        if name.startswith("TICKETBOSS_") and name not in known
    }
