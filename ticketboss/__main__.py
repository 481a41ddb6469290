"""`python -m ticketboss`: the operator's commands."""

from ticketboss.cli import main

if __name__ == "__main__":
    main()
