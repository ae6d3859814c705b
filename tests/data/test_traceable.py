"""Any statement can be followed to the words it rests on, or to the place where it was verified."""

from __future__ import annotations

from tests.data.conftest import ID, Graph, Quotation, full, short

Quotations = dict[str, Quotation]

# How things are arranged here: these say nothing that a source must answer for.
ARRANGEMENT = {
    full(name)
    for name in (
        "rdf:type",
        "plan:quotedFrom",
        "plan:titleBasis",
        "plan:basis",
        "rdfs:comment",
        "rdfs:seeAlso",
        "skos:note",
        "skos:inScheme",
        "skos:topConceptOf",
        "dct:isPartOf",
        "dct:source",
        "plan:order",
        "plan:inFocusArea",
        "plan:documentOf",
        "plan:derivedEli",
    )
}
# Things that answer for themselves: a quotation is words, a link carries its basis, the readings of a conflict carry
# their quotations or sources, a document known by its digest is what is answered with.
ANSWERED = {
    full(name)
    for name in ("plan:Quotation", "plan:Link", "plan:SourceConflict", "plan:SourceDocument", "plan:SourceSummary")
}


# What kind of body an organisation is and how it is called in short is how we sort it; its numbers and its place on the
# map come with the registered number, which says where it was read.
SORTING = {full(name) for name in ("dct:type", "org:classification", "skos:prefLabel", "skos:altLabel")}
REGISTERED = {full(name) for name in ("dct:identifier", "dct:spatial", "plan:municipalityNumber")}


def known_by_register(graph: Graph, organisation: str) -> set[str]:
    """What needs no quotation for an organisation; its numbers only where the register entry has a source."""
    entries = graph.values(organisation, "http://www.w3.org/ns/regorg#registration")
    return SORTING | (REGISTERED if any(graph.each(entry, "dct:source") for entry in entries) else set())


def carried(graph: Graph, node: str) -> bool:
    """A value node that carries its own evidence."""
    return bool(graph.each(node, "plan:quotedFrom") or graph.each(node, "dct:source") or graph.each(node, "plan:basis"))


def untraced(graph: Graph, quotations: Quotations, subject: str) -> set[str]:
    """The properties of a thing that nothing vouches for."""
    if graph.each(subject, "dct:source") or set(graph.values(subject, "rdf:type")) & ANSWERED:
        return set()
    quotes = [quotations[iri] for iri in graph.values(subject, "plan:quotedFrom") if iri in quotations]
    vouched = ARRANGEMENT | {p for quote in quotes for p in quote.evidence_for}
    if graph.each(subject, "plan:titleBasis"):
        vouched |= {full("dct:title")}
    if subject.startswith(f"{ID}org/"):
        vouched |= known_by_register(graph, subject)
    linked = {
        p
        for link in graph.of("plan:Link")
        if subject in graph.values(link, "rdf:subject")
        for p in graph.values(link, "rdf:predicate")
    }
    open_ = {p for p, _ in graph.about[subject]} - vouched - linked
    return {p for p in open_ if not all(carried(graph, v) for v in graph.values(subject, p))}


def test_every_statement_about_the_world_is_traceable(graph: Graph, quotations: Quotations):
    wrong = {
        short(subject): sorted(map(short, properties))
        for subject in graph.subjects()
        if not subject.startswith(f"{ID}code/")
        if (properties := untraced(graph, quotations, subject))
    }
    assert not wrong


def test_a_conflict_in_the_sources_shows_every_reading_with_its_words(graph: Graph, quotations: Quotations):
    conflicts = graph.of("plan:SourceConflict")
    assert conflicts
    for conflict in conflicts:
        readings = graph.values(conflict, "plan:reading")
        assert readings, short(conflict)
        assert all(graph.each(r, "plan:value") and carried(graph, r) for r in readings), short(conflict)
        assert graph.each(conflict, "plan:about"), short(conflict)
        assert graph.each(conflict, "plan:aspect"), short(conflict)


def test_a_title_that_a_source_does_not_give_says_so(graph: Graph):
    """A file name is not a title: what is known by its file only has a title set by an editor."""
    for subject in graph.subjects():
        titles, names = graph.values(subject, "dct:title"), graph.values(subject, "plan:fileName")
        assert not set(titles) & set(names), short(subject)
