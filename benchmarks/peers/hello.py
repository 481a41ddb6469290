"""The smallest Flask application: what this way of serving costs before anything is done."""

from flask import Flask

app = Flask("hello")


@app.post("/events/<event_id>/reservations")
@app.get("/events/<event_id>")
def hello(event_id: str) -> dict[str, str]:
    """The same small JSON for all; the paths are those that TicketBoss is asked for."""
    return {"message": "hello", "eventId": event_id}


@app.get("/readyz")
def ready() -> dict[str, str]:
    """Whether requests can come."""
    return {"status": "ready"}
