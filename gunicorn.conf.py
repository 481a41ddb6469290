"""How gunicorn serves TicketBoss.

The master never imports the application: it would keep old code over a reload, and locks made
there would stop a cooperative worker. Whatever needs the application runs as
`python -m ticketboss ...` in a process of its own.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from gunicorn import util
from gunicorn.http.body import LengthReader
from gunicorn.workers.base_async import AsyncWorker
from gunicorn.workers.gthread import ThreadWorker

# Wherever gunicorn is started from, what stands beside this file can be imported.
sys.path.insert(0, str(Path(__file__).parent))

from gunicorn_logging import JsonLogger
from gunicorn_refusals import write_problem
from gunicorn_reload import reload_without_a_gap
from gunicorn_sockets import (
    bound_to_loopback,
    connections_with_files,
    end_who_does_not_read,
    wait_for_port,
)

TICKETBOSS = (sys.executable, "-m", "ticketboss")
METRICS_PREFIX = f"ticketboss-metrics-{os.getuid()}-"
SKIPPED_BODY_BYTES_MAX = 524_288
CONSOLE_SECRET = "TICKETBOSS_CONSOLE_SECRET"  # noqa: S105 - the name  # nosec B105
CONSOLE_SECRET_BYTES = 32
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def _ticketboss(*arguments: str, environment: Mapping[str, str] | None = None) -> Any:
    """What an operator command gives as JSON, or None where it failed; it is said why."""
    command = subprocess.run(  # noqa: S603 - our own program  # nosec B603
        [*TICKETBOSS, *arguments, "--json"], stdout=subprocess.PIPE, env=environment, check=False
    )
    answer = json.loads(command.stdout or "{}")
    if command.returncode:
        sys.stderr.write(f"{answer.get('error', 'TicketBoss could not be run.')}\n")
        return None
    return answer


def _migrated(server: Any) -> bool:
    """Check the settings as they are now and migrate, in a process of its own."""
    done = _ticketboss("migrate", environment=server.cfg.env_orig)
    for warning in done["warnings"] if done else ():
        server.log.warning(warning)
    return done is not None


def _can_bind(server: Any) -> bool:
    """Whether the settings as they are now can take over from the workers that still serve."""
    found = _ticketboss("settings", "--with-passwords", environment=server.cfg.env_orig)
    bound = (server.cfg.env.get("HOST"), int(server.cfg.env.get("PORT", 0)))
    if found is None or bound not in server.cfg.address or bound[1] != found["PORT"]:
        return found is not None
    if found["HOST"] != bound[0]:
        server.log.error("The port is still in use: change HOST by a restart, or PORT as well.")
    return bool(found["HOST"] == bound[0])


def _reload_if_sound(server: Any, reload: Callable[[], None]) -> None:
    # gunicorn halts when new workers cannot start: better to keep the old ones.
    if _can_bind(server) and _migrated(server):
        reload_without_a_gap(server, reload)
        _say_auth(server)
    else:
        server.log.error(
            "Not reloaded: the settings or the migration failed; the old workers stay."
        )


def _let_signals_end_booting_workers() -> None:
    # Until gunicorn sets a worker's own handlers it has the master's, which would forget the
    # signal; a worker that still boots has accepted nothing and may end at once.
    block = partial(signal.pthread_sigmask, signal.SIG_BLOCK, ENDING_SIGNALS)
    unblock = partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, ENDING_SIGNALS)

    def in_child() -> None:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        unblock()

    os.register_at_fork(before=block, after_in_parent=unblock, after_in_child=in_child)


def _auth(server: Any) -> str:
    """Whether requests need keys: said by the setting, or by where the server is bound."""
    said: str = server.cfg.env.get("TICKETBOSS_AUTH", _in_force["TICKETBOSS_AUTH"])
    if said != "auto":
        return said
    return "open" if bound_to_loopback(server) else "keys"


def _requests_at_once(worker: Any) -> int:
    """How many requests a worker can have in hand, whatever has chosen its class."""
    if isinstance(worker, ThreadWorker):
        return int(worker.cfg.threads)
    return int(worker.cfg.worker_connections) if isinstance(worker, AsyncWorker) else 1


def _metrics_folder() -> Path:
    """Where the workers count, the same over a reload; in memory where the system has that."""
    return _metrics_parent / f"{METRICS_PREFIX}{os.getpid()}"


def _make_metrics_folder() -> None:
    """Make the folder anew, and remove those of masters that were killed."""
    for folder in _metrics_parent.glob(f"{METRICS_PREFIX}*"):
        try:
            os.kill(int(folder.name.removeprefix(METRICS_PREFIX)), 0)
        except (ProcessLookupError, ValueError):
            shutil.rmtree(folder, ignore_errors=True)
    if not _in_force["PROMETHEUS_MULTIPROC_DIR"]:
        _metrics_folder().mkdir(mode=0o700)


def _say_auth(server: Any) -> None:
    server.log.info("Requests need %s API key.", "no" if _auth(server) == "open" else "an")


def on_starting(server: Any) -> None:
    """Migrate before any worker starts, and outlast the workers of a killed master."""
    if not _migrated(server):
        sys.exit(1)
    wait_for_port(server)
    _make_metrics_folder()
    # Kept with the master: all workers have the same, and those behind a reload as well.
    server.console_secret = secrets.token_urlsafe(CONSOLE_SECRET_BYTES)


def when_ready(server: Any) -> None:
    """SIGINT finishes what was accepted, as SIGTERM does; SIGHUP checks before it reloads."""
    _say_auth(server)
    _let_signals_end_booting_workers()
    signal.signal(signal.SIGINT, lambda _, frame: server.signal(signal.SIGTERM, frame))
    server.handle_hup = partial(_reload_if_sound, server, server.handle_hup)


def post_fork(server: Any, worker: Any) -> None:
    """Tell a worker what is the server's to decide: the mode, and what signs sessions."""
    end_who_does_not_read(server)
    # Ours first: gunicorn's own --env replaces what stands in this file.
    ours = [f"TICKETBOSS_AUTH={_auth(server)}"]
    said = worker.cfg.env.get(CONSOLE_SECRET, _in_force[CONSOLE_SECRET])
    ours.append(f"{CONSOLE_SECRET}={said or server.console_secret}")
    worker.cfg.set("raw_env", [*raw_env, *worker.cfg.raw_env, *ours])
    worker.bound_to_loopback = bound_to_loopback(server)


def _fix_settings(cfg: Any) -> None:
    # Else each is looked up by a method, some 30 times a request; in a worker none changes.
    vars(cfg).update({name: setting.get() for name, setting in cfg.settings.items()})


def post_worker_init(worker: Any) -> None:
    """SIGINT ends a worker as SIGTERM does; the application can see that, and what serves it."""
    signal.signal(signal.SIGINT, worker.handle_exit)
    signal.siginterrupt(signal.SIGINT, False)
    _fix_settings(worker.cfg)
    worker.wsgi.extensions["ticketboss.draining"] = lambda: not worker.alive
    worker.wsgi.extensions["ticketboss.bound_to_loopback"] = worker.bound_to_loopback
    worker.wsgi.extensions["ticketboss.requests_at_once"] = _requests_at_once(worker)


def pre_request(_: Any, request: Any) -> None:
    """End the connection behind a body that is in chunks, or longer than any that is taken.

    It is refused unread, and gunicorn would read all of it to find the next request. In small
    chunks, or without an end, that keeps a cooperative worker from all others.
    """
    reader = request.body.reader
    if not isinstance(reader, LengthReader) or reader.length > SKIPPED_BODY_BYTES_MAX:
        request.force_close()


def on_exit(_: Any) -> None:
    """Nobody needs the counts of workers that are gone."""
    shutil.rmtree(_metrics_folder(), ignore_errors=True)


util.write_error = write_problem

_in_force = _ticketboss("settings", "--with-passwords")
if _in_force is None:
    sys.exit(1)
# A worker that is replaced later starts with these, whatever the .env file says by then.
raw_env = [f"{name}={value}" for name, value in _in_force.items()] + ["TICKETBOSS_ENV_FILE="]

bind = "[{HOST}]:{PORT}" if ":" in _in_force["HOST"] else "{HOST}:{PORT}"
bind = bind.format(**_in_force)
workers = _in_force["WEB_CONCURRENCY"]
worker_class = _in_force["TICKETBOSS_WORKER_CLASS"]
# gunicorn takes sync with several threads for gthread.
threads = _in_force["TICKETBOSS_WORKER_THREADS"] if worker_class == "gthread" else 1
loglevel = _in_force["LOG_LEVEL"]
logger_class = JsonLogger

preload_app = False
control_socket_disable = True
forwarded_allow_ips = ""
# A heartbeat file on a slow disk would make a healthy worker look dead.
_in_memory = Path("/dev/shm")  # noqa: S108  # nosec B108
worker_tmp_dir = str(_in_memory) if _in_memory.is_dir() else None
_metrics_parent = Path(worker_tmp_dir or tempfile.gettempdir())
if not _in_force["PROMETHEUS_MULTIPROC_DIR"]:
    raw_env.append(f"PROMETHEUS_MULTIPROC_DIR={_metrics_folder()}")

backlog = 2048
worker_connections = connections_with_files()
timeout = 30
graceful_timeout = 20
keepalive = 15
limit_request_line = 4094
limit_request_fields = 50
limit_request_field_size = 8190
# By itself gunicorn takes gunicorn_h1c where that is installed, which lets folded headers in.
http_parser = "python"
