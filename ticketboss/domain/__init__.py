"""What TicketBoss decides, without any I/O, clock or randomness."""
