"""RDF goes in and out unharmed, and two files that mean the same have the same digest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from planvev.errors import SyntaxFault
from planvev.formats.rdf import FORMATS, digest, read_turtle, subjects, with_stable_blanks, write
from planvev.names import PREFIXES

GRAPH = """@prefix ex: <https://example.org/> .
ex:a ex:says "hei"@nb , 'line\\nline' , 4 , true , 1.50 ; ex:knows [ ex:name "B" ; ex:knows [ ex:name "C" ] ] .
ex:list ex:is ( 1 [ ex:x 2 ] "æøå" ) .
"""


def triples(text: str) -> list[Triple]:
    return read_turtle(text.encode(), "a.ttl")


def test_the_digest_is_blind_to_order_layout_and_the_names_of_blank_nodes():
    one = "<a:s> <a:p> _:x . _:x <a:q> _:y . _:y <a:q> 'v' . <a:s> <a:p> _:z . _:z <a:q> 'w' ."
    two = "# hei\n<a:s> <a:p> _:k ,\n [ <a:q> [ <a:q> 'v' ] ] .\n_:k <a:q> \"w\" ."
    assert digest(triples(one)) == digest(triples(two))


@pytest.mark.parametrize(
    "other",
    [
        "<a:s> <a:p> 'v'@nb .",
        "<a:s> <a:p> 'v'@nn .",
        "<a:s> <a:p> 'V' .",
        "<a:s> <a:p> <v:> .",
        "<a:s> <a:q> 'v' .",
        "<a:s> <a:p> 'v' , 'w' .",
        "<a:s> <a:p> [] .",
        "",
    ],
)
def test_the_digest_sees_every_change_of_a_statement(other):
    assert digest(triples("<a:s> <a:p> 'v' .")) != digest(triples(other))


def test_the_digest_is_not_moved_by_a_statement_that_stands_twice():
    assert digest(triples("<a:s> <a:p> 'v' .")) == digest(triples("<a:s> <a:p> 'v' , 'v' ."))


nodes = st.sampled_from([NamedNode("a:s"), NamedNode("a:t"), *(BlankNode(f"n{n}") for n in range(4))])
values = st.one_of(nodes, st.builds(Literal, st.text(alphabet="aå\n\"'\\ ", max_size=4)))
graphs = st.lists(st.builds(Triple, nodes, st.just(NamedNode("a:p")), values), max_size=8)


@settings(max_examples=150, deadline=None)
@given(graphs, st.randoms())
def test_renaming_and_shuffling_never_change_the_digest_or_the_stable_names(graph, chance):
    names = [BlankNode(f"other{n}") for n in range(4)]
    chance.shuffle(names)
    renamed = {BlankNode(f"n{n}"): name for n, name in enumerate(names)}
    other = [Triple(renamed.get(t.subject, t.subject), t.predicate, renamed.get(t.object, t.object)) for t in graph]
    chance.shuffle(other)
    assert digest(graph) == digest(other)
    assert set(with_stable_blanks(graph, "g")) == set(with_stable_blanks(other, "g"))


def test_stable_names_change_nothing_but_names():
    graph = triples(GRAPH)
    named = with_stable_blanks(graph, "https://example.org/graph")
    assert digest(named) == digest(graph)
    assert len(named) == len(set(named)) == len(set(graph))


def test_stable_names_of_two_graphs_never_meet():
    def blanks(seed: str) -> set[str]:
        named = with_stable_blanks(triples(GRAPH), seed)
        return {term.value for t in named for term in (t.subject, t.object) if isinstance(term, BlankNode)}

    assert blanks("one")
    assert not blanks("one") & blanks("two")


def test_two_files_never_share_a_blank_node():
    assert not set(triples("_:a <a:p> 1 .")) & set(triples("_:a <a:p> 1 ."))


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_written_reads_back_as_the_same_graph(suffix):
    graph = triples(GRAPH)
    back = [quad.triple for quad in parse(write(graph, suffix), FORMATS[suffix])]
    assert digest(back) == digest(graph)


@pytest.mark.parametrize("suffix", ["trig", "nq"])
def test_a_dataset_format_keeps_the_name_of_the_graph(suffix):
    back = list(parse(write(triples(GRAPH), suffix, graph="https://example.org/g"), FORMATS[suffix]))
    assert {str(quad.graph_name) for quad in back} == {"<https://example.org/g>"}


@pytest.mark.parametrize("suffix", ["ttl", "nt", "trig", "nq"])
def test_writing_does_not_depend_on_the_order_of_what_is_written(suffix):
    graph = with_stable_blanks(triples(GRAPH), "g")
    assert write(graph, suffix) == write(reversed(graph), suffix)


@pytest.mark.parametrize("suffix", FORMATS)
def test_nothing_written_is_still_a_document(suffix):
    assert list(parse(write([], suffix), FORMATS[suffix])) == []


def test_a_document_begins_with_what_it_is_about():
    text = write(triples("<a:b> <a:p> 1 . <a:z> <a:p> 2 ."), "ttl", first="a:z").decode()
    assert text.index("<a:z>") < text.index("<a:b>")


def test_a_thing_says_first_what_it_is():
    graph = triples(f"@prefix dct: <{PREFIXES['dct']}> . <a:b> dct:title 'x' ; a <z:Class> ; <a:a> 1 .")
    text = write(graph, "nt").decode()
    assert text.splitlines()[0].endswith("<z:Class> .")


def test_only_prefixes_that_are_used_are_declared():
    text = write(triples(f"<a:b> <{PREFIXES['dct']}title> 'x' ."), "ttl").decode()
    assert "@prefix dct:" in text
    assert text.count("@prefix") == 1


def test_the_mark_that_some_editors_put_first_is_no_error():
    assert read_turtle(b"\xef\xbb\xbf<a:s> <a:p> 1 .", "a.ttl") == read_turtle(b"<a:s> <a:p> 1 .", "a.ttl")


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("<a:s> <a:p> 1 .\n<a:s> <a:p> ;\n", 2, 13, ""),
        ("\n\n<a:s> ex:p 1 .\n", 3, 7, "ex"),
        ("<a:s> <a:p> 'æøå' .\n<a:s> <a:p> 'never ends .\n", 2, 13, ""),
        ("<s> <a:p> 1 .", 1, 1, ""),
    ],
)
def test_a_mistake_is_shown_with_file_line_and_column(text, line, column, says):
    with pytest.raises(SyntaxFault) as fault:
        triples(text)
    assert (fault.value.file, fault.value.line, fault.value.column) == ("a.ttl", line, column)
    assert says in fault.value.detail
    assert "Parser error" not in fault.value.detail
    assert fault.value.detail.endswith(".")
    assert fault.value.exit_code == 1


def test_bytes_that_are_not_utf8_are_a_mistake_with_its_place():
    with pytest.raises(SyntaxFault) as fault:
        read_turtle("# æ er greit\n<a:s> <a:p> 'på' .\n".encode("latin-1").replace(b"\xe6", b"ae"), "a.ttl")
    assert fault.value.line == 2


def test_bytes_that_are_not_utf8_in_a_comment_are_a_mistake_too():
    with pytest.raises(SyntaxFault) as fault:
        read_turtle("<a:s> <a:p> 1 .\n# på norsk\n".encode("latin-1"), "a.ttl")
    assert (fault.value.line, fault.value.column) == (2, 4)


@pytest.mark.parametrize("new", ["<<( <a:s> <a:p> 2 )>>", "2 {| <a:q> 3 |}", "'x'@ar--rtl"])
def test_what_only_rdf_1_2_has_is_refused_where_it_stands(new):
    with pytest.raises(SyntaxFault) as fault:
        triples(f"<a:s> <a:p> 1 .\n<a:s> <a:p> {new} .\n")
    assert fault.value.line == 2
    assert "RDF 1.2" in fault.value.detail


def test_subjects_are_the_things_with_a_name():
    assert subjects(triples("<a:s> <a:p> [ <a:q> <a:o> ] . <a:t> <a:p> 1 .")) == {"a:s", "a:t"}


def test_every_format_is_one_the_engine_knows_by_the_same_suffix():
    for suffix, kind in FORMATS.items():
        assert RdfFormat.from_extension(suffix) == kind


HEAD = "@prefix ex: <https://e.org/> .\n"


@pytest.mark.parametrize(
    ("text", "place", "nb", "nn", "en"),
    [
        ("ex:a ex:b ex:c", (2, 15), "punktumet som mangler", "punktumet som manglar", "full stop that is missing"),
        ("ex:a ex:b 1\nex:c ex:d 2 .", (3, 1), "se også på linja over", "sjå òg på linja", "line above"),
        ('ex:a ex:b "x .\n', (2, 11), "begynner her, slutter ikke", "byrjar her, sluttar ikkje", "does not end"),
        ('ex:a ex:b """x .\n', (2, 11), "begynner her, slutter ikke", "byrjar her, sluttar ikkje", "does not end"),
        ('ex:a ex:b "x\ny" .', (2, 13), "mangler på linja", "manglar på linja", "missing on the line"),
        ("ex:a ex:b [ ex:c 1 .", (2, 20), "skriv ]", "skriv ]", "write ]"),
        ("ex:a ex:b ( 1 2 .", (2, 17), "foran «.»", "framfor «.»", "before “.”"),
        ("ex:a dct:title 1 .", (2, 6), "@prefix dct: <http://purl.org/dc/terms/> .", "skriv @prefix", "write @prefix"),
        ("ex:a ex:b <https://e.org/a b> .", (2, 11), "skriv %20", "skriv %20", "write %20"),
        ("ex:a ex:b <https://e.org/a", (2, 11), "skriv >", "skriv >", "write >"),
        ("ex:a ex:b <x> .", (2, 11), "begynn den med https://", "byrj ho med https://", "begin it with https://"),
        ("ex:a ex:b “x” .", (2, 11), 'skriv ".', 'skriv ".', 'write ".'),
        ("ex:a ex:b 2025-01-31 .", (2, 15), '"2025-01-31"^^xsd:date', "ein dato", "a date"),
        ("ex:a ex:b ja .", (2, 11), "«ja» er ingen verdi", "«ja» er ingen verdi", "“ja” is no value"),
        ('ex:a ex:b "x"@n_b .', (2, 15), "skriv @nb", "skriv @nb", "write @nb"),
        ("<<<<<<< HEAD\nex:a ex:b 1 .", (2, 7), "to har endret", "to har endra", "two have changed at once"),
        ("ex:a ex:b _: .", (2, 11), "blank node ID", "blank node ID", "blank node ID"),
    ],
)
def test_what_writers_get_wrong_is_said_in_their_language_with_what_to_do(text, place, nb, nn, en):
    with pytest.raises(SyntaxFault) as fault:
        triples(HEAD + text)
    assert (fault.value.line, fault.value.column) == place
    for language, words in (("nb", nb), ("nn", nn), ("en", en)):
        assert words in fault.value.words[language]
        assert "{" not in fault.value.words[language]


@pytest.mark.parametrize(
    ("data", "kind"), [(b"PK\x03\x04\x14\0", "Word"), (b"%PDF-1.7", "PDF"), (b"\r\n<HTML><body>", "nettside")]
)
def test_a_document_under_another_name_is_told_from_a_text(data, kind):
    with pytest.raises(SyntaxFault) as fault:
        read_turtle(data, "a.ttl")
    assert f"ikke ren tekst, men e{'n' if kind != 'Word' else 't'} {kind}" in fault.value.words["nb"]
