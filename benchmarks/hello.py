"""The smallest Flask application: what this way of serving costs before anything is done."""

from flask import Flask

app = Flask("hello")


@app.post("/reservations")
@app.get("/reservations")
@app.get("/readyz")
def hello() -> dict[str, str]:
    """The same small JSON for all; the paths are those that TicketBoss is asked for."""
    return {"message": "hello"}
