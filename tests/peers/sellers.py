"""Who sells, of those who can be started here."""

from benchmarks.servers import CONTENDERS, ExpressPeer

# Node.js is not asked for where it is not; the packages of Python belong to `make test-peers`.
SELLERS = [
    name
    for name, contender in CONTENDERS.items()
    if name != "hello" and not (issubclass(contender, ExpressPeer) and contender.missing())
]
