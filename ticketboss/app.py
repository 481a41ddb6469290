"""The assembler: settings, services, blueprints."""

from flask import Flask

from ticketboss.api import (
    admin_log,
    bulk,
    docs,
    events,
    health,
    keys,
    ledger,
    metrics,
    partners,
    problem_pages,
    problems,
    reservation_lists,
    reservations,
)
from ticketboss.api.auth import Authenticator
from ticketboss.api.bodies import BODY_WATCH
from ticketboss.api.body_watch import BodyWatch
from ticketboss.api.context import AUTHENTICATOR, EXTENSION, METRICS, SESSIONS
from ticketboss.api.gate import NO_ROUTE, RequestGate, admit
from ticketboss.api.operations import refuse_undocumented
from ticketboss.api.peers import Peers
from ticketboss.api.rate_limits import RateLimits
from ticketboss.api.routing import Application
from ticketboss.api.scopes import refuse_unstated
from ticketboss.api.simulation import SIMULATED_ROUTE, SLOW_ANSWERS, SlowAnswers
from ticketboss.config import Settings, load_settings
from ticketboss.console import site
from ticketboss.console.sessions import SessionAdmission, Sessions
from ticketboss.engine.keys import KeyRing
from ticketboss.metrics import Metrics
from ticketboss.services import Services, open_services

NOUNS = (
    *(reservations, reservation_lists, bulk, events, ledger),
    *(keys, partners, admin_log, health, metrics, docs, problem_pages, site),
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the WSGI application; `settings` are read from the environment if not given.

    Raises BadSettings. Does not touch the database: `python -m ticketboss migrate` prepares it,
    and /readyz says whether that was done.
    """
    app = Application("ticketboss", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    # With and without a trailing slash is the same resource, and nothing ever redirects.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    settings = settings or load_settings()
    counts = Metrics(settings.prometheus_multiproc_dir or None)
    services = open_services(settings, counts)
    app.extensions[EXTENSION] = services
    app.extensions[BODY_WATCH] = BodyWatch(services.settings.body_seconds_max)
    app.extensions[METRICS] = counts
    app.extensions[SLOW_ANSWERS] = SlowAnswers()
    authenticator = _authenticator(services)
    app.extensions[AUTHENTICATOR] = authenticator
    sessions = Sessions(services.settings.console_secret)
    app.extensions[SESSIONS] = SessionAdmission(sessions, authenticator)
    for noun in NOUNS:
        app.register_blueprint(noun.blueprint)
    refuse_unstated(app)
    refuse_undocumented(app)
    app.before_request(admit)
    problems.register(app)
    counts.expect({rule.rule for rule in app.url_map.iter_rules()} | {NO_ROUTE, SIMULATED_ROUTE})
    app.wsgi_app = RequestGate(app.wsgi_app, counts)  # type: ignore[method-assign]
    return app


def _authenticator(services: Services) -> Authenticator:
    settings = services.settings
    limits = RateLimits(
        settings.rate_limit_writes, settings.rate_limit_reads, settings.rate_limit_storage
    )
    return Authenticator(
        # auto is decided by the server, which knows its address; nobody else may open it.
        is_open=settings.auth == "open",
        key_ring=KeyRing(services.repository.access),
        limits=limits,
        peers=Peers(settings.trusted_proxies),
    )
