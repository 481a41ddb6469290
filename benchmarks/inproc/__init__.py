"""What the application costs by itself: called in process, without gunicorn, sockets or `wrk`."""
