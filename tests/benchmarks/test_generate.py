"""The made-up country: the same every time, as large as asked for, and as valid as a library that somebody wrote."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections import Counter

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from benchmarks import generate
from benchmarks.generate import BASE, Country
from planvev.names import NS, PREFIXES
from tests.web import serving

SIZE = 40_000


@pytest.fixture(scope="module")
def made():
    return list(Country().files(SIZE))


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("country")
    generate.generate(folder, SIZE, texts=True)
    return folder


def planvev(library, *arguments):
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PLANVEV_")}
    return subprocess.run(
        [sys.executable, "-m", "planvev", *arguments],
        cwd=serving.TOP,
        env=environ | {"PLANVEV_BASE": BASE, "PLANVEV_LIBRARY": str(library), "PLANVEV_STATE": str(library / "state")},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_same_seed_gives_the_same_bytes(made):
    assert made == list(Country().files(SIZE))
    assert made != list(Country(seed=2).files(SIZE))


def test_a_larger_country_holds_the_smaller_one(made):
    """So that what is measured at one size and the next is the same kind of thing."""
    larger = Country().files(2 * SIZE)
    assert [next(larger) for _ in made] == made


def test_the_triples_are_counted_right_and_reach_the_size(made):
    assert SIZE <= sum(one.triples for one in made) < SIZE + 5_000
    for one in made:
        assert one.triples == sum(1 for _ in parse(one.turtle, format=RdfFormat.TURTLE)), one.place


def test_the_shapes_pass(library):
    done = planvev(library, "check", "--no-advice")
    assert done.returncode == 0, done.stdout[:2000]


def test_every_quotation_stands_in_its_source(library):
    done = planvev(library, "check", "--no-advice", "--sources", str(library / "texts"))
    assert done.returncode == 0, done.stdout[:2000]
    assert "99." in done.stdout + done.stderr


def test_publish_takes_it(library):
    done = planvev(library, "publish")
    assert done.returncode == 0, done.stderr


def test_a_plan_has_what_plans_have(made):
    plans = [one for one in made if one.place.startswith("plan/")]
    found: Counter[str] = Counter()
    for plan in plans:
        triples = list(parse(plan.turtle, format=RdfFormat.TURTLE))
        found.update(t.object.value.removeprefix(NS) for t in triples if t.predicate.value.endswith("#type"))
        found.update(t.predicate.value for t in triples)
        assert all(t.subject.value.startswith(BASE) for t in triples if isinstance(t.subject, NamedNode))
    for kind in ("Vision", "Goal", "SubGoal", "FocusArea", "Strategy", "Measure", "TargetGroup", "Quotation"):
        assert found[kind], kind
    for word in ("legalBasis", "guidedBy", "anchoredIn", "targets", "responsible", "wordsDigest"):
        assert found[NS + word], word
    assert found[PREFIXES["dcat"] + "endDate"] == len(plans)
    assert 2_000 < sum(plan.triples for plan in plans) / len(plans) < 3_000


def test_the_country_has_as_many_organisations_as_norway():
    owners = list(Country().owners())
    assert Counter(owner.kind for owner in owners) == {"kommune": 357, "fylke": 15, "direktorat": 20}
    assert all(1 <= owner.plans <= 8 for owner in owners)
    assert 0.15 < sum(owner.language == "nn" for owner in owners) / len(owners) < 0.35


def test_some_provisions_are_cited_far_more_often_than_others(made):
    cited = Counter(
        triple.object.value
        for one in made
        if one.place.startswith("plan/")
        for triple in parse(one.turtle, format=RdfFormat.TURTLE)
        if triple.predicate.value == NS + "legalBasis"
    )
    counts = sorted(cited.values(), reverse=True)
    assert counts[0] > 10 * counts[len(counts) // 2]


def test_names_that_all_publishers_share_say_that_they_are_made_up(made):
    shared = [one.place for one in made if one.place.split("/")[0] in ("org", "law", "guidance")]
    assert shared
    assert all("syntetisk" in place for place in shared)


def test_the_same_as_nquads_in_the_graphs_of_the_files(made):
    out = io.BytesIO()
    assert generate.nquads(out, SIZE) == sum(one.triples for one in made)
    graphs = Counter(quad.graph_name.value for quad in parse(out.getvalue(), format=RdfFormat.N_QUADS))
    assert sorted(graphs.values()) == sorted(one.triples for one in made)
    assert f"{BASE}/graph/{made[-1].place}" in graphs


def test_a_folder_with_a_library_is_left_alone(library):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.generate", str(library)], cwd=serving.TOP, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "holds a library already" in done.stderr
