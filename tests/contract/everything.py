"""A database with every kind of row that there is, to be moved elsewhere."""

from tests.contract.backends import write
from tests.contract.lists import fill
from tests.contract.partners import add_key, freeze, line
from tests.unit.bulks import bulk, item
from tests.unit.examples import (
    cancel,
    change,
    change_event,
    confirm,
    create_event,
    hold,
    reserve,
    sweep,
)
from ticketboss.domain.commands import ChangeEvent, Command
from ticketboss.repository.interface import Repository

TEXT = "Größe 42 – für „Zoë“ ☃ 票 🎟"
# Beyond what 32 bits hold.
IN_2100 = 4_102_444_800_000
# May be sent again, with their keys.
KEYED: list[Command] = [
    reserve(2, "k1", reference=TEXT, key="reserve-1"),
    reserve(9, "k2", min_seats=1, key="partly,2"),
    hold(3, "k3", hold_seconds=3_600, key="hold-3"),
    change("k1", 1, key="fewer-1"),
    change("k3", 2, hold_seconds=3_000, key="fewer-3"),
    confirm("k3", key="confirm-3"),
    cancel("k2", key="cancel-2"),
    bulk(1, item(1, 2, reference="é"), 900, item(3, hold_seconds=600), idempotency_key="bulk-1"),
    cancel("b3", key="release-b3"),
    change_event(name=f"{TEXT}!", seats_per_partner_max=500, key="rename"),
]


def fill_everything(repository: Repository) -> None:
    """Make all of it, from nothing; KEYED are among what was asked."""
    write(repository, create_event(2_000, name=TEXT, on_sale_until=IN_2100))
    fill(repository)
    for command in KEYED:
        write(repository, command)
    write(repository, create_event(5, event_id="rehearsal", is_test=True))
    write(repository, create_event(7, event_id="called-off"))
    write(repository, reserve(1, "r1", event_id="called-off", partner_id="m"))
    write(repository, ChangeEvent(event_id="called-off", settings={"cancelled": True}))
    write(repository, sweep("called-off"))
    add_key(repository, "k1", partner_name=TEXT)
    add_key(repository, "k2", "xyz-corp", is_test=True)
    add_key(repository, "k3", None)
    add_key(repository, "k4")
    repository.access.revoke_key("k4", line("key_revoked", keyId="k4", why=TEXT))
    freeze(repository, "frozen-one")
    freeze(repository, "xyz-corp", release_holds=True)
