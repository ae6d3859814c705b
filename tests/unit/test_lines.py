"""A statement is found on the line on which its object begins, and never one that the parser does not see."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planvev.formats.lines import Line, Lines, locate

TOP = Path(__file__).parents[2]
PROFILES = TOP.parent / "shared" / "profiles"
CEILING = 400_000  # bytes; larger files say nothing new and take their time

WRITTEN = '''\
@prefix ex: <https://example.org/> .
PREFIX dct: <http://purl.org/dc/terms/>
# ex:thing dct:title "not this one" .

ex:thing
    a ex:Class ;
    dct:title "one"@nb ,
        "two"@nn , "three"@en ;
    dct:description """first
    # no comment
    last""" , 'after' ;
    ex:empty () ;
    ex:list ( 1 "in the list" ( ex:deep ) [ ex:x "deeper" ] ) ; ex:after true ;
    ex:knows [
        ex:name "inside ; . ] \\" a string" ;
        ex:knows [ a ex:Person ]
    ] , ex:friend ;
    ;
    ex:number 1.50 , -4 , 2e6 , "4"^^ex:kind .

[] ex:says "nobody" .
[ ex:x 1 ] ex:says "nobody either" .
( 1 2 ) ex:says "a list" .
_:b ex:says ex:thing .
<https://example.org/other> <https://example.org/p> <https://example.org/o> . ex:third ex:p ex:o .
'''


def of(subject: str, predicate: str, value: str | None = None) -> Line:
    def full(name: str) -> str:
        prefix, _, local = name.partition(":")
        return {"ex": "https://example.org/", "dct": "http://purl.org/dc/terms/"}[prefix] + local

    return locate(WRITTEN).of(full(subject), full(predicate), value)


@pytest.mark.parametrize(
    ("predicate", "value", "line"),
    [
        ("dct:title", "one", 7),
        ("dct:title", "two", 8),
        ("dct:title", "three", 8),
        ("dct:description", "first\n    # no comment\n    last", 9),
        ("dct:description", "after", 11),
        ("ex:empty", "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil", 12),
        ("ex:list", None, 13),
        ("ex:after", "true", 13),
        ("ex:knows", None, 14),
        ("ex:knows", "https://example.org/friend", 17),
        ("ex:number", "1.50", 19),
        ("ex:number", "-4", 19),
        ("ex:number", "2e6", 19),
        ("ex:number", "4", 19),
    ],
)
def test_each_statement_has_the_line_its_object_begins_on(predicate, value, line):
    assert of("ex:thing", predicate, value) == Line(line, True)


def test_two_sentences_on_one_line_are_both_found():
    assert of("ex:other", "ex:p", "https://example.org/o").number == 25
    assert of("ex:third", "ex:p", "https://example.org/o").number == 25


def test_a_subject_stands_where_it_is_first_named():
    assert locate(WRITTEN).of("https://example.org/thing") == Line(5, True)


def test_what_hangs_in_brackets_is_no_statement_of_the_thing_outside():
    found = locate(WRITTEN).statements()
    assert not [value for _, _, value in found if value.startswith(("inside", "in the list", "deeper", "nobody"))]
    assert not [subject for subject, _, _ in found if not subject.startswith("https://example.org/")]


def test_a_value_that_is_not_there_gives_its_property_and_says_that_it_is_a_guess():
    assert of("ex:thing", "dct:title", "four") == Line(7, False)


def test_a_thing_the_file_does_not_speak_about_is_a_guess_at_the_first_line():
    assert locate(WRITTEN).of("https://example.org/nobody") == Line(1, False)


def test_text_that_breaks_off_keeps_what_came_before():
    lines = locate('<a:s> <a:p> "one" ;\n <a:q> "two')
    assert lines.of("a:s", "a:p", "one") == Line(1, True)


# --- held against the parser ---


def named(data: bytes) -> set[tuple[str, str, str]]:
    """Every statement of the parser's whose subject and object have names."""
    found = set()
    for quad in ox.parse(data, ox.RdfFormat.TURTLE, base_iri="https://base.example/"):
        subject, value = quad.subject, quad.object
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            found.add((subject.value, quad.predicate.value, value.value))
    return found


def files() -> list[Path]:
    """Every Turtle file of the project and of the profiles beside it, up to the ceiling."""
    folders = (TOP / "data" / "ttl", TOP / "ontology", TOP / "shapes", TOP / "tests" / "library", PROFILES)
    found = [path for folder in folders for path in sorted(folder.rglob("*.ttl"))]
    return [path for path in found if path.stat().st_size < CEILING]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(TOP.parent)))
def test_every_statement_of_a_real_file_is_located_and_no_other(path):
    data = path.read_bytes()
    try:
        statements = named(data)
    except SyntaxError:
        pytest.skip("the parser does not read it")
    if b"@base" not in data and b"BASE" not in data:
        data = b"@base <https://base.example/> . " + data
    assert locate(data.decode()).statements() == statements


# --- and against graphs nobody would write ---

PREFIX = {"ex": "https://example.org/", "": "https://empty.example/", "a.b-c": "https://dotted.example/"}
LOCAL = [
    "x",
    "a.b",
    "a-b",
    "1",
    "æ",
    "a%41",
    "p/q",
    "a,b",
    "(x)",
    "it's",
    "x~y",
    "a:b",
    "_z",
    "x.",
    "-y",
    ".z",
    "a#b",
    "",
]
words = st.text(alphabet="ab æ\n\t\"'\\.;,#<>[]()@^:", max_size=8)


def escaped(local: str) -> str:
    """A local name as Turtle writes it."""
    out = "".join(f"\\{c}" if c in "_~.-!$&'()*+,;=/?#@" else c for c in local)
    return out.replace("\\_", "_", 1) if out.startswith("\\_") else out


@st.composite
def names(draw):
    """An IRI, and one way to write it."""
    prefix, local = draw(st.sampled_from(list(PREFIX))), draw(st.sampled_from(LOCAL))
    iri = PREFIX[prefix] + local
    forms = [f"<{iri}>", f"{prefix}:{escaped(local)}"]
    if "." not in local and "-" not in local:
        forms.append(f"<{iri.replace('x', chr(92) + 'u0078')}>")
    return iri, draw(st.sampled_from(forms))


@st.composite
def literals(draw):
    """A literal's text, and one way to write it."""
    simple = ["1", "-2", "1.50", ".5", "2e6", "1.e3", "+7", "true", "false"]
    if draw(st.booleans()):
        text = draw(st.sampled_from(simple))
        return text, text
    text = draw(words)
    body = text.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")
    short = body.replace("\n", "\\n").replace("\t", "\\t")
    form = draw(st.sampled_from([f'"{short}"', f"'{short}'", f'"""{body}"""', f"'''{body}'''"]))
    return text, form + draw(st.sampled_from(["", "@nb", "@en-GB", "^^ex:kind", "^^ <https://example.org/kind>"]))


@st.composite
def objects(draw, depth: int = 2):
    """What can stand as an object: something with a name, or brackets that have none."""
    kind = draw(st.sampled_from(["name", "literal", "list", "blank", "label"] if depth else ["name", "literal"]))
    if kind == "name":
        return draw(names())
    if kind == "literal":
        return draw(literals())
    if kind == "label":
        return None, draw(st.sampled_from(["_:a", "_:a.b", "_:1", "[]", "[ ]"]))
    inner = draw(st.lists(objects(depth=depth - 1), max_size=2))
    if kind == "list":
        nil = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"
        return (None if inner else nil), f"( {' '.join(form for _, form in inner)} )"
    pairs = " ; ".join(f"{draw(names())[1]} {form}" for _, form in inner)
    return None, f"[ {pairs} ]"


@st.composite
def documents(draw):
    """A Turtle document in some layout."""
    gap = st.sampled_from([" ", "\n", "\t", " # a comment . ; ] \n", "\n\n  "])
    text = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIX.items())
    for _ in range(draw(st.integers(1, 4))):
        _, subject = draw(st.one_of(names(), st.sampled_from([(None, "_:a"), (None, "[ ex:x 1 ]"), (None, "( 1 2 )")])))
        text += subject
        for n in range(draw(st.integers(1, 3))):
            predicate = draw(st.one_of(names().map(lambda pair: pair[1]), st.just("a")))
            forms = [form for _, form in draw(st.lists(objects(), min_size=1, max_size=3))]
            text += (draw(gap) + ";" + draw(gap) if n else draw(gap)) + predicate + draw(gap)
            text += (draw(gap) + "," + draw(gap)).join(forms)
        text += draw(gap) + "." + draw(gap)
    return text


@settings(max_examples=80, deadline=None)
@given(documents())
def test_whatever_the_layout_the_same_statements_are_located_as_parsed(text):
    assert locate(text).statements() == named(text.encode())


@pytest.mark.long
@settings(max_examples=10_000, deadline=None)
@given(documents())
def test_however_long_one_tries_layouts_the_same_statements_are_located(text):
    assert locate(text).statements() == named(text.encode())


@settings(max_examples=40, deadline=None)
@given(documents())
def test_a_statement_is_not_there_when_the_text_ends_before_its_line(text):
    lines = locate(text)
    rows = text.split("\n")
    for subject, predicate, value in lines.statements():
        number = lines.of(subject, predicate, value).number
        before = locate("\n".join(rows[: number - 1]))
        assert (subject, predicate, value) not in before.statements()


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:<>\"'[]().;,@^#\\\n _", max_size=40))
def test_any_text_at_all_is_read_to_an_end(text):
    assert isinstance(locate(text), Lines)
