"""What breaks servers while they sell, and what a sale must look like all the same.

The clients and the checker are those of `tests.faults.history`. `schedule` says what can happen,
`ordeal` lets it happen to a sale; each act proves that it has acted, and counts it.
"""
