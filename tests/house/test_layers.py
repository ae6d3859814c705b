"""The drawing of the house: which room a module is in, which rooms it may know, and who keeps which library.

A folder of `service/planvev/` is a room, and rooms stand on one another in the order below. Inside a room modules stand
on steps. A new module fails the first test until somebody decides where it lives. What a room holds is said beside it,
what a module knows in its first line; imports are read from the source, those inside functions and under TYPE_CHECKING
too.
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


def room(name: str, *steps: set[str]) -> list[set[str]]:
    """The steps of a room, the lowest first, with the modules' dotted names."""
    return [{f"{name}.{module}" for module in step} for step in steps]


# Ground floor first. A module may import those below it, and does not know those beside it.
FLOORS = [
    # The hall: what every room uses.
    {"errors", "machine", "periods", "confined"},  # Problems; processors and memory; periods; what a process gives up
    {"settings", "names", "media"},  # the settings table; path ⇄ graph ⇄ IRI; media types and negotiation
    *room(
        "formats",  # RDF, workbooks and feeds as bytes
        {"turtle_faults", "lines", "atom"},
        {"rdf"},
        {"sheet"},
    ),
    {"library"},  # the files, which are the truth
    *room(
        "queries",  # SPARQL as text, before anything runs; what a dataset consists of, in numbers
        {"sparql", "derivation", "examples", "statistics"},
        {"flat", "glance", "complaints"},
        {"flat_reader"},
        {"flat_text"},
    ),
    *room(
        "engines",  # the published state, read: a snapshot of ours, or an engine on the network
        {"dated", "leads", "shortcuts", "remote", "statements"},
        {"snapshot", "answers"},
        {"engine", "ledger"},
        {"reading", "transfer"},
        {"remote_shelf"},
    ),
    *room(
        "answering",  # public queries: what is run for one, and the processes that run it
        {"permits", "pipe", "certain", "optimise", "matching", "columns", "ordering"},
        {"columnar", "bounds", "shapes", "sums", "workers"},
        {"joining", "planning", "relay"},
        {"query_worker"},
    ),
    *room(
        "versions",  # what was published before, and how it differs
        {"pieces"},
        {"annals"},
        {"history", "recording", "past"},
        {"feed"},
    ),
    *room(
        "checking",  # SHACL and everything else a file must stand, with findings for people and tools
        {"findings", "seen", "bridge", "shape_queries"},
        {"affected", "remarks", "reports", "sources", "terminal", "validation"},
        {"judging", "judges"},
        {"checks", "judging_child"},
        {"gate"},
    ),
    *room(
        "insight",  # what pages know of things, as plain data
        {"said", "things", "figures", "vocabulary", "bodies", "matrix", "rules"},
        {"lookup", "comparing", "gaps"},
        {"outline", "reliance", "ages", "health", "changes"},
        {"lineage", "peers", "portfolio", "rows", "markup"},
        {"dossier"},
    ),
    *room(
        "finding",  # search: words in, things out
        {"search_text"},
        {"search_index"},
        {"search_clauses"},
        {"search"},
    ),
    *room(
        "registries",  # documents and dumps that national registries harvest, and how they are judged
        {"holdings", "outward", "calling", "description"},
        {"registry", "dumps"},
        {"catalogue", "concepts", "model", "void", "quality", "profiles", "datasets"},
    ),
    *room(
        "publishing",  # the write side: from files to a snapshot being served
        {"state", "build", "columns_built"},
        {"reach", "tally"},
        {"derive"},
        {"derived_check"},
        {"publish"},
    ),
    *room(
        "web",  # HTTP: pages, documents, the endpoint
        {"assets", "texts", "desk", "table", "operation", "client", "explain", "chart", "samples", "shortlink"},
        {"view", "cache", "rolls", "nearest", "memento"},
        {"render"},
        {"layers", "answering", "editor", "kinds", "columns", "sheets"},
        {"glances"},
        {"resources", "query", "search", "site", "front", "gallery", "sitemap", "registry", "dumps", "feed"}
        | {"history", "health", "tabular", "compare", "matrix", "overview", "express"},
        {"app"},
        {"serving"},
    ),
    *room(
        "commands",  # what stands behind the words of the command line
        {"asking", "asking_child", "drafts", "harvesting", "promise", "watch"},
        {"elsewhere"},
        {"publishing"},
    ),
    {"cli"},
    {"__main__"},
]

# Every dependency that `pyproject.toml` lists, and the only modules that import it.
KEEPERS = {
    "babel": {"web.texts", "web.view"},
    "fastapi": {"web.*"},
    "numpy": {"answering.columns", "publishing.columns_built", "answering.joining"},
    "httptools": set(),  # uvicorn's, by being there
    "httpx2": {"engines.remote"},
    "jinja2": {"web.render"},
    "markupsafe": {"web.texts", "web.view"},
    "pydantic-core": {"web.operation"},
    "pyoxigraph": {
        "engines.answers",
        "checking.bridge",
        "publishing.build",
        "publishing.columns_built",
        "publishing.derive",
        "registries.dumps",
        "queries.glance",
        "engines.leads",
        "formats.rdf",
        "publishing.reach",
        "answering.relay",
        "engines.snapshot",
        "engines.statements",
        "answering.query_worker",
        "publishing.tally",
    },
    "pyshacl": {"checking.validation"},
    "rdflib": {"checking.bridge", "checking.validation"},
    "shacl": {"checking.validation"},
    "SPARQLWrapper": {"commands.asking_child"},  # what analysts use
    "starlette": {"web.*"},
    "tantivy": {"finding.search", "finding.search_clauses", "finding.search_index", "finding.search_text"},
    "uvicorn": {"web.express", "web.serving"},
    "uvloop": set(),  # uvicorn's, by being there
    "watchfiles": {"commands.watch"},
    "xlsxwriter": {"formats.sheet"},
}

# What must not be loaded, directly or through others, when a module is: every query process and every check would wait.
LIGHT = {
    "answering.query_worker": {"numpy", "rdflib", "pyshacl", "fastapi", "starlette", "jinja2", "babel", "uvicorn"},
    "checking.judging_child": {
        "rdflib",
        "pyshacl",
        "tantivy",
        "argparse",
        "planvev.checking.bridge",
        "planvev.checking.checks",
    },
    "cli": {
        "rdflib",
        "tantivy",
        "planvev.commands.publishing",
        "planvev.commands.harvesting",
        "planvev.engines.snapshot",
        "planvev.checking.judging",
    },
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
