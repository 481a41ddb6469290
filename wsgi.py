"""What a WSGI server serves: `gunicorn wsgi:app`."""

from ticketboss.app import create_app

app = create_app()
app.extensions["ticketboss"].sweeper.start()
