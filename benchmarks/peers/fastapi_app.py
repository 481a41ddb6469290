"""Seat reservations as users of FastAPI write them with one connection to SQLite.

`async def` without an `await` inside of the transaction: nothing in the process comes between.
"""

import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from benchmarks.peers import statements

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


class EventBody(BaseModel):
    """A new event."""

    model_config = ConfigDict(strict=True)
    eventId: Name  # noqa: N815 - the contract's names
    name: Annotated[str, Field(min_length=1, max_length=200)]
    totalSeats: Annotated[int, Field(gt=0)]  # noqa: N815


class ReserveBody(BaseModel):
    """A new reservation."""

    model_config = ConfigDict(strict=True)
    partnerId: Name  # noqa: N815
    seats: Annotated[int, Field(ge=1, le=10)]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The connection is open as long as the application."""
    statements.make_tables()
    app.state.db = statements.connect()
    yield
    app.state.db.close()


app = FastAPI(lifespan=lifespan)


@app.post("/events", status_code=201)
async def create_event(body: EventBody, request: Request) -> dict[str, Any]:
    """Put an event on sale."""
    db: sqlite3.Connection = request.app.state.db
    row = (body.eventId, body.name, body.totalSeats, body.totalSeats)
    db.execute(statements.INSERT_EVENT, row)
    return _event(db, body.eventId)


@app.get("/events/{event_id}")
async def show_event(event_id: str, request: Request) -> dict[str, Any]:
    """How many seats are left."""
    return _event(request.app.state.db, event_id)


@app.post("/events/{event_id}/reservations", status_code=201)
async def reserve(event_id: str, body: ReserveBody, request: Request) -> dict[str, Any]:
    """Reserve seats, or say 409 where there are not enough of them."""
    db: sqlite3.Connection = request.app.state.db
    reservation_id = str(uuid.uuid4())
    db.execute("BEGIN IMMEDIATE")
    try:
        wanted = {"event_id": event_id, "seats": body.seats}
        taken = db.execute(statements.TAKE_SEATS, wanted).rowcount == 1
        if taken:
            row = (reservation_id, event_id, body.partnerId, body.seats)
            db.execute(statements.INSERT_RESERVATION, row)
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    if not taken:
        _event(db, event_id)
        raise HTTPException(409, "Not enough seats left")
    return {
        "reservationId": reservation_id,
        "eventId": event_id,
        "partnerId": body.partnerId,
        "seats": body.seats,
        "status": "confirmed",
    }


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """Whether requests can come."""
    return {"status": "ready"}


def _event(db: sqlite3.Connection, event_id: str) -> dict[str, Any]:
    row = db.execute(statements.SELECT_EVENT, (event_id,)).fetchone()
    if row is None:
        raise HTTPException(404, "Event not found")
    return dict(row)
