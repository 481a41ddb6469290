"""No secret in what the server writes, answers or counts, wherever a client has put it."""
