"""The drawing of the house: which module stands on which floor, and who keeps which library.

A new module fails the first test until somebody decides where it lives. What the floors hold and why they stand in this
order is said beside each; the imports are read from the source, those inside functions and under TYPE_CHECKING too.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from packaging.requirements import Requirement

TOP = Path(__file__).parents[2]
PACKAGE = TOP / "service" / "planvev"

# Ground floor first. A module may import those below it, and does not know those beside it.
FLOORS = [
    {"errors"},  # the tree of Problems
    # the settings table; path ⇄ graph ⇄ IRI; media types and negotiation; processors and memory; places for queries
    # what a process gives up before it does a stranger's work
    {"settings", "names", "media", "machine", "permits", "confined"},
    {"turtle_faults"},  # what is wrong with a Turtle text, in plain words
    # the only parser of RDF; a query's text; where statements stand; periods; example queries; drawings as data
    # what a search takes words to be; the size of a dataset in numbers; rules for derived links; a news feed
    # a dataset as columns of numbers; rows in order; the socket to a query process
    {"derivation", "rdf", "sparql", "lines", "periods", "examples", "figures", "search_text", "statistics", "atom"}
    | {"columns", "ordering", "pipe"},
    {"pieces"},  # what a graph says of each thing, and how two versions of it differ
    # triples as rdflib has them; flat queries as data; whose plans are, and when they run; queries that are one look-up
    # … what plans lead to, and what leads to a thing; rows as a workbook; sums of groups; columns written
    {"bridge", "flat", "dated", "glance", "shortcuts", "leads", "sheet", "sums", "columns_built"},
    # the files; what is published, to read; things as plain data; the SHACL engines; flat queries read from their text
    # columns joined
    {"library", "snapshot", "things", "validation", "flat_text", "joining"},
    # flat queries joined by hashing; answers that are a number known since publish; SPARQL inside shapes, refused
    # what a check is about; what was published before, as it stands on the disk
    {"optimise", "certain", "shape_queries", "annals", "findings"},
    {"history", "recording"},  # editions and versions to read; writing them
    {"feed"},  # every change of a thing, as members of a stream
    # what pages ask of a published state, wherever it is kept; exchanges with an engine on the network
    # what shapes find in one portion; flat queries to be joined over columns
    {"engine", "remote", "judging", "columnar"},
    {"answers", "past"},  # what that engine sent, held to the standard; a graph as it was
    {"ledger", "holdings"},  # which snapshot a store on the network holds; what each publisher has here
    {"reading", "transfer"},  # an edition read from there; filling a store
    {"remote_shelf"},  # which edition is served from there
    # whole checks; a process that judges; the killable process
    # things, terms, the endpoint and the shapes as data for pages
    # of publishing: which files changed; the store; the state folder; dumps
    # links to things of others, and whether they answer
    {
        "checks",
        "judging_child",
        "query_worker",
        "lookup",
        "bodies",
        "matrix",
        "vocabulary",
        "description",
        "rules",
        "seen",
        "build",
        "state",
        "dumps",
        "outward",
        "calling",
    },
    {"comparing", "gaps"},  # two sides beside each other; what no plan covers
    {"changes"},  # what differs between two versions, for pages
    {"registry"},  # what every document for registries shares
    {
        "catalogue",
        "concepts",
        "model",
        "void",
        "quality",
        "profiles",
        "datasets",
    },  # documents for registries; how they are judged
    {"affected", "tally"},  # of publishing: whose verdict a change may change; the numbers of the store
    {"reach"},  # the plans whose derived links a change may alter
    {"derive"},  # derived links
    # processes that judge portions; whether derived links are what they should be; advice kept with a snapshot
    {"judges", "derived_check", "remarks"},
    # the gate before a snapshot; the pool of query processes; a plan as a document; findings for tools, for people,
    # against sources; which things are worth finding, and by which words
    {"gate", "workers", "outline", "reports", "terminal", "sources", "search_index"},
    # a plan among plans; who builds on law and guidance and is there for a group; who is meant by age
    # … how well an owner's data is; rows of a plan
    {"lineage", "reliance", "ages", "health", "rows", "markup"},
    {"dossier", "portfolio", "peers"},  # beside a plan's words; what an organisation has; others who do likewise
    # the write side; first files of a plan; public queries handed on to an engine on the network; a reader's words as
    # clauses for the index
    {"publish", "drafts", "relay", "search_clauses"},
    # what answers a reader's words; questions to any endpoint; text search inside a query
    {"search", "asking", "asking_child", "matching"},
    {"planning"},  # what is run for a query
    # the words of the pages; the snapshot of a request; an answer as a table; what a request asks, and whose it is
    # … and the files that pages load; what of an answer can be drawn; a query as code, and as a short link
    {"web.assets", "web.texts", "web.desk", "web.table", "web.operation", "web.client", "web.explain"}
    | {"web.chart", "web.samples", "web.shortlink"},
    # templates, links, problems; answers from memory; what lists hold; what a lost address may have meant;
    # past versions
    {"web.render", "web.cache", "web.rolls", "web.nearest", "web.memento"},
    # what stands around every answer; a query from its text to its answer; its page; which page suits a thing
    {"web.layers", "web.answering", "web.editor", "web.kinds"},
    {"web.columns", "web.sheets"},  # of overviews: which organisations they show; tables to take away
    {
        "web.resources",
        "web.health",
        "web.tabular",
        "web.query",
        "web.front",
        "web.sitemap",
        "web.site",
        "web.gallery",
        "web.compare",
        "web.matrix",
        "web.overview",
        "web.search",
        "web.dumps",
        "web.registry",
        "web.feed",
        "web.history",
        "web.express",
    },  # routes by kind of visitor; what is answered before it comes to them
    {"web.app"},  # wiring
    {"web.serving"},  # the processes that answer HTTP
    # the commands that speak to engines and endpoints, and to a service as registries do; publishing at every change;
    # that no published IRI disappears
    {"elsewhere", "harvesting", "watch", "promise"},
    {"publishing"},  # the commands that publish
    {"cli"},
    {"__main__"},
]

# Every dependency that `pyproject.toml` lists, and the only modules that import it.
KEEPERS = {
    "babel": {"web.texts", "web.render"},
    "fastapi": {"web.*"},
    "numpy": {"columns", "columns_built", "joining"},
    "httptools": set(),  # uvicorn's, by being there
    "httpx2": {"remote"},
    "jinja2": {"web.render"},
    "pyoxigraph": {
        "answers",
        "bridge",
        "build",
        "columns_built",
        "derive",
        "dumps",
        "glance",
        "leads",
        "rdf",
        "reach",
        "relay",
        "snapshot",
        "query_worker",
        "tally",
    },
    "pyshacl": {"validation"},
    "rdflib": {"bridge", "validation"},
    "shacl": {"validation"},
    "SPARQLWrapper": {"asking_child"},  # what analysts use
    "starlette": {"web.*"},
    "tantivy": {"search", "search_clauses", "search_index", "search_text"},
    "uvicorn": {"web.express", "web.serving"},
    "uvloop": set(),  # uvicorn's, by being there
    "watchfiles": {"watch"},
    "xlsxwriter": {"sheet"},
}

# What must not be loaded, directly or through others, when a module is: every query process and every check would wait.
LIGHT = {
    "query_worker": {"numpy", "rdflib", "pyshacl", "fastapi", "starlette", "jinja2", "babel", "uvicorn"},
    "judging_child": {"rdflib", "pyshacl", "tantivy", "argparse", "planvev.bridge", "planvev.checks"},
    "cli": {"rdflib", "tantivy", "planvev.publishing", "planvev.harvesting", "planvev.snapshot", "planvev.judging"},
}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


SOURCES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
PORCHES = {name for name, path in SOURCES.items() if path.name == "__init__.py"}  # __init__ files
MODULES = sorted(SOURCES.keys() - PORCHES)
FLOOR_OF = {module: number for number, floor in enumerate(FLOORS) for module in floor}


def imports_of(module: str) -> set[str]:
    """Every dotted name a module imports; `from package import module` counts as the module."""
    found = set()
    for node in ast.walk(ast.parse(SOURCES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively in line {node.lineno}; name the module in full"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner.removeprefix("planvev.") in SOURCES else str(node.module))
    return found


def own(names: set[str]) -> set[str]:
    """Of dotted names, our own modules, without the package's name."""
    return {name.removeprefix("planvev.") for name in names if name.startswith("planvev.")}


def run_python(program: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_every_module_lives_on_a_floor():
    assert set(MODULES) == set(FLOOR_OF), (
        f"without a floor in FLOORS: {sorted(set(MODULES) - set(FLOOR_OF))}; "
        f"on a floor but not in the package: {sorted(set(FLOOR_OF) - set(MODULES))}"
    )


@pytest.mark.parametrize("module", MODULES)
def test_imports_only_go_down(module):
    known = own(imports_of(module)) - PORCHES
    wrong = {other for other in known if FLOOR_OF.get(other, -1) >= FLOOR_OF.get(module, len(FLOORS))}
    assert not wrong, f"{module} imports {sorted(wrong)}, on its own floor or above it"


@pytest.mark.parametrize("package", sorted(PORCHES))
def test_a_package_file_knows_no_module(package):
    assert not own(imports_of(package)), f"{SOURCES[package]} imports our own modules; who wants one, names it"


@pytest.mark.parametrize("module", MODULES)
def test_libraries_stay_with_their_keepers(module):
    for library in {name.partition(".")[0] for name in imports_of(module)} & KEEPERS.keys():
        assert any(fnmatch(module, keeper) for keeper in KEEPERS[library]), (
            f"{module} imports {library}, which is kept by {sorted(KEEPERS[library]) or 'nobody'}"
        )


def test_every_dependency_has_keepers():
    listed = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert {Requirement(line).name for line in listed} == set(KEEPERS)


@pytest.mark.parametrize("module", sorted(LIGHT))
def test_what_starts_often_loads_little(module):
    program = "import importlib, json, sys; importlib.import_module(sys.argv[1]); print(json.dumps(list(sys.modules)))"
    loaded = set(json.loads(run_python(program, f"planvev.{module}")))
    assert not loaded & LIGHT[module], f"importing {module} loads {sorted(loaded & LIGHT[module])}"


# Imports every module and reports what our own files did while they were loaded: an event counts when the nearest frame
# that is neither the standard library's nor the import machinery's is one of ours.
WATCH_IMPORTS = """
import importlib, json, sys
package, modules, seen = sys.argv[1], sys.argv[2:], []

def watch(event, details):
    if not event.startswith(("open", "os.mkdir", "os.remove", "os.system", "socket.", "sqlite3.", "subprocess.")):
        return
    frame = sys._getframe(1)
    while frame:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib") or "site-packages" in file:
            return
        if file.startswith(package):
            seen.append(f"{file[len(package) + 1:]}:{frame.f_lineno} {event} {details[:1]}")
            return
        frame = frame.f_back

sys.addaudithook(watch)
for module in modules:
    importlib.import_module("planvev." + module)
print(json.dumps(seen))
"""


def test_nothing_happens_at_import():
    modules = [module for module in MODULES if module != "__main__"]
    assert not json.loads(run_python(WATCH_IMPORTS, str(PACKAGE), *modules))
