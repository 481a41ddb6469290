"""What becomes of TicketBoss when events are large, and servers are up for long."""
