"""The assembler: settings, services, blueprints."""

from flask import Flask

from ticketboss.api import events, health, problems, reservations
from ticketboss.api.bodies import BODY_WATCH
from ticketboss.api.body_watch import BodyWatch
from ticketboss.api.context import EXTENSION
from ticketboss.api.gate import RequestGate, admit
from ticketboss.config import Settings, load_settings
from ticketboss.services import open_services


def create_app(settings: Settings | None = None) -> Flask:
    """Build the WSGI application; `settings` are read from the environment if not given.

    Raises BadSettings. Does not touch the database: `python -m ticketboss migrate` prepares it,
    and /readyz says whether that was done.
    """
    app = Flask("ticketboss", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    # With and without a trailing slash is the same resource, and nothing ever redirects.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    services = open_services(settings or load_settings())
    app.extensions[EXTENSION] = services
    app.extensions[BODY_WATCH] = BodyWatch(services.settings.body_seconds_max)
    app.register_blueprint(reservations.blueprint)
    app.register_blueprint(events.blueprint)
    app.register_blueprint(health.blueprint)
    app.before_request(admit)
    problems.register(app)
    app.wsgi_app = RequestGate(app.wsgi_app)  # type: ignore[method-assign]
    return app
