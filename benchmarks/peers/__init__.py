"""The same contract as others would serve it: to measure beside TicketBoss, not to learn from."""
