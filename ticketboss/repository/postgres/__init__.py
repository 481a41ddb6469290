"""The backend for more than one machine: PostgreSQL, or what speaks its protocol."""
