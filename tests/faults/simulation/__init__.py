"""The engine on a virtual clock and a scheduler that is drawn from a seed.

Several processes' committers and sweepers, their clients, and one database in memory run as
greenlets, one at a time. Whoever runs next, how long a call lasts, what fails and what crashes
comes from the seed alone, so a run that shows a bug can be run again, word for word.
"""
