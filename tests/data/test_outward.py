"""Every link from the data to things of others says who makes it, and leads only where a source was seen to lead."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from planvev.library import Library, read
from planvev.names import Base
from planvev.registries.outward import Outward, outward

TOP = Path(__file__).parents[2]
# By host: the files below ../shared/profiles in which each address was seen.
SEEN = {
    "data.geonorge.no": "reference-data/*",
    "publications.europa.eu": "reference-data/*",
    "purl.org": "reference-data/*",
    "data.norge.no": "reference-data/*",
    "psi.norge.no": "los/los.rdf",
    "raw.githubusercontent.com": "organization-catalog/org-type.ttl",
    "metadata.un.org": "sdg/*",
}
NUMBERED = (
    "https://data.brreg.no/enhetsregisteret/api/enheter/",
    "https://organization-catalog.fellesdatakatalog.digdir.no/organizations/",
)
WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2, 1)


@pytest.fixture(scope="module")
def links() -> list[Outward]:
    library = Library(TOP, Base())
    return outward([read(source) for source in library.sources()], library.base)


def leading(links: list[Outward], start: str) -> list[Outward]:
    found = [link for link in links if link.address.startswith(start)]
    assert found, f"no link leads to {start}"
    return found


def test_every_link_says_who_makes_it(links):
    assert len(links) > 150
    unmarked = [f"{link.file}:{link.line} {link.address}" for link in links if not link.basis]
    assert not unmarked, f"add a plan:Link with its plan:basis: {unmarked}"


def test_what_is_built_by_a_pattern_is_not_said_to_stand_in_a_source(links):
    assert {link.basis for link in leading(links, "https://lovdata.no/eli/")} == {"machine"}
    for start in (*NUMBERED, "https://data.geonorge.no/", "https://psi.norge.no/los/"):
        assert {link.basis for link in leading(links, start)} == {"editorial"}
    assert {link.basis for link in leading(links, "https://lovdata.no/dokument/")} == {"stated"}
    assert {link.basis for link in leading(links, "http://metadata.un.org/sdg")} <= {"stated", "summary"}


@pytest.mark.parametrize("host", SEEN)
def test_an_address_in_a_list_of_others_stands_in_that_list(links, shared, host):
    text = "".join(path.read_text("utf-8") for path in sorted((shared / "profiles").glob(SEEN[host])) if path.is_file())
    addresses = {link.address for link in links if f"//{host}/" in link.address}
    assert addresses
    # A list may write an address by a prefix; the part that names the thing stands in it all the same.
    missing = [one for one in addresses if one not in text and re.split("[/#]", one)[-1] not in text]
    assert not missing


def test_every_address_of_a_provision_is_one_that_lovdata_gives_it(links, shared):
    given = (shared / "profiles" / "lovdata" / "lovdata-urls-seedlover.tsv").read_text("utf-8")
    known = set(re.findall(r"\tNL/(lov/\S+)\t", given)) | set(re.findall(r"^(lov/\S+)\t", given, re.MULTILINE))
    places = {
        unquote(one.address.partition("/dokument/NL/")[2]) for one in leading(links, "https://lovdata.no/dokument/")
    }
    assert places <= known


def test_an_eli_is_the_date_code_of_its_law(links):
    for link in leading(links, "https://lovdata.no/eli/lov/"):
        year, month, day, *number = link.subject.rpartition("/")[2].split("-")
        assert link.address == "/".join(["https://lovdata.no/eli/lov", year, month, day, *number])


def test_an_organisation_is_linked_by_the_number_it_has_and_the_number_is_one(links, graph):
    found = [link for start in NUMBERED for link in leading(links, start)]
    for link in found:
        number = link.address.rpartition("/")[2]
        assert graph.values(link.subject, "skos:notation") == [number]
        assert len(number) == 9
        assert sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=True)) % 11 == 0
    numbered = [body for body in graph.of("org:Organization") if graph.values(body, "dct:identifier")]
    assert len(found) == 2 * len(numbered) > 0


def test_a_number_of_a_municipality_says_when_it_was_in_use(graph):
    numbers = [iri for iri in graph.subjects() if "/municipality-number/" in iri]
    assert len(numbers) >= 8
    for iri in numbers:
        (period,) = graph.values(iri, "dct:temporal")
        assert graph.values(period, "dcat:startDate") or graph.values(period, "dcat:endDate"), iri
