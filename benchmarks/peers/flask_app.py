"""Seat reservations as users of Flask write them: a connection and a transaction for a request."""

import re
import sqlite3
import uuid
from typing import Any

from flask import Flask, abort, g, request
from werkzeug.exceptions import HTTPException

from benchmarks.peers import statements

NAME = re.compile(r"[A-Za-z0-9._:-]{1,64}")
SEATS_MAX = 10

statements.make_tables()
app = Flask(__name__)


def get_db() -> sqlite3.Connection:
    """The connection of this request."""
    if "db" not in g:
        g.db = statements.connect()
    db: sqlite3.Connection = g.db
    return db


@app.teardown_appcontext
def close_db(_: BaseException | None) -> None:
    """Give the connection back."""
    db = g.pop("db", None)
    if db is not None:
        db.close()


@app.errorhandler(HTTPException)
def show_error(error: HTTPException) -> tuple[dict[str, Any], int]:
    """Errors are JSON as well."""
    return {"error": error.description}, error.code or 500


@app.post("/events")
def create_event() -> tuple[dict[str, Any], int]:
    """Put an event on sale."""
    event_id, name, seats = _members("eventId", "name", "totalSeats")
    if not (_is_name(event_id) and isinstance(name, str) and name and _is_count(seats)):
        abort(400, "Give eventId, name and totalSeats.")
    get_db().execute(statements.INSERT_EVENT, (event_id, name, seats, seats))
    return _event(event_id), 201


@app.get("/events/<event_id>")
def show_event(event_id: str) -> dict[str, Any]:
    """How many seats are left."""
    return _event(event_id)


@app.post("/events/<event_id>/reservations")
def reserve(event_id: str) -> tuple[dict[str, Any], int]:
    """Reserve seats, or say 409 where there are not enough of them."""
    partner_id, seats = _members("partnerId", "seats")
    if not (_is_name(partner_id) and _is_count(seats) and seats <= SEATS_MAX):
        abort(400, "Give partnerId and 1 to 10 seats.")
    db = get_db()
    reservation_id = str(uuid.uuid4())
    # Whatever fails from here on is rolled back when the connection closes behind the request.
    db.execute("BEGIN IMMEDIATE")
    taken = db.execute(statements.TAKE_SEATS, {"event_id": event_id, "seats": seats}).rowcount
    if taken:
        row = (reservation_id, event_id, partner_id, seats)
        db.execute(statements.INSERT_RESERVATION, row)
    db.execute("COMMIT")
    if not taken:
        _event(event_id)
        abort(409, "Not enough seats left")
    return {
        "reservationId": reservation_id,
        "eventId": event_id,
        "partnerId": partner_id,
        "seats": seats,
        "status": "confirmed",
    }, 201


@app.get("/readyz")
def ready() -> dict[str, str]:
    """Whether requests can come."""
    return {"status": "ready"}


def _members(*names: str) -> list[Any]:
    body = request.get_json()
    return [body.get(name) if isinstance(body, dict) else None for name in names]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 0


def _event(event_id: str) -> dict[str, Any]:
    row = get_db().execute(statements.SELECT_EVENT, (event_id,)).fetchone()
    if row is None:
        abort(404, "Event not found")
    return dict(row)
