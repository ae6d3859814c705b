"""Advice kept with a snapshot: the same however it came about, read by owner, with the line where it stands."""

from __future__ import annotations

from functools import partial

import pytest

from planvev.checking.findings import Remark
from planvev.checking.remarks import REMARKS, keep, owner_of, read
from planvev.engines.snapshot import Shelf
from planvev.insight import health
from planvev.insight.lookup import Lookup
from planvev.insight.rules import Rule, rules
from tests.library.copies import CULTURE, NATURE, copied


def rule_named(key: str):
    return Rule(f"https://w3id.org/planvev/shapes#{key}", "advice")


ONE, OTHER = (Remark(f"ps:{name}", "https://example.org/a", None, None, True) for name in ("One", "Other"))


@pytest.mark.parametrize(
    ("place", "owner"),
    [("plan/moss/koa", "moss"), ("org/moss", "moss"), ("law/2021-06-18-97", "law"), ("code/theme", "code")],
)
def test_an_owner_is_told_of_what_stands_under_its_name_and_nobody_owns_law(place, owner):
    assert owner_of(place) == owner


def test_what_was_not_judged_is_kept_and_what_is_gone_is_not(tmp_path):
    places = ["plan/a/x", "plan/a/y", "plan/b/z"]
    keep(tmp_path / "1", places, {place: [ONE] for place in places}, None)
    keep(tmp_path / "2", ["plan/a/y", "plan/b/z"], {"plan/a/y": [OTHER, OTHER]}, tmp_path / "1")
    assert read(tmp_path / "2", "a") == {"plan/a/y": [OTHER]}
    assert read(tmp_path / "2", "b") == {"plan/b/z": [ONE]}
    keep(tmp_path / "3", ["plan/b/z"], {"plan/b/z": []}, tmp_path / "2")
    assert list((tmp_path / "3").iterdir()) == []
    assert read(tmp_path / "3", "../2/a") == {}


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """A library with advice about each plan, published from nothing, and again with one of them changed."""
    copy = copied(tmp_path_factory.mktemp("health"))
    copy.publish()
    copy.edit(CULTURE, '"Vi synger ved bekken."', '"Vi danser ved bekken."')
    copy.publish()
    return copy


def test_a_publish_keeps_advice_about_files_it_did_not_judge(twice):
    folder = Shelf(twice.state).current().folder / REMARKS
    for place in (NATURE, CULTURE):
        (remark,) = read(folder, owner_of(place))[place]
        assert (remark.shape, remark.focus) == ("ps:Plan-type-unknown", f"https://w3id.org/planvev/id/{place}")


def test_a_report_says_what_to_mend_and_where_it_stands_if_the_file_is_the_published_one(twice):
    snapshot = Shelf(twice.state).current()
    look, every = Lookup(snapshot, ("nb",)), health.by_key(rules(snapshot))

    def report():
        said = read(snapshot.folder / REMARKS, "proevestad")
        return health.report(look, "proevestad", said, every, partial(health.locate, twice.root), 0, 10)

    found = report()
    (said,) = found.said
    assert said.file == f"data/ttl/{NATURE}.ttl"
    assert (found.warnings, found.hints, found.grade, found.clean) == (0, 1, "A", found.files)
    assert said.rule.messages["nb"] == "Plantypen er ukjent."
    assert said.line == 1 + twice.file(NATURE).read_text("utf-8").splitlines().index(f"<{NATURE}>")
    twice.file(NATURE).write_text(twice.file(NATURE).read_text("utf-8") + "\n", "utf-8")
    assert report().said[0].line is None


@pytest.mark.parametrize(
    ("clean", "files", "letter"), [(9, 10, "A"), (8, 10, "B"), (5, 10, "C"), (1, 4, "D"), (0, 4, "E"), (0, 0, "A")]
)
def test_a_grade_follows_how_many_files_are_without_a_warning(clean, files, letter):
    assert health.grade(clean, files) == letter


def test_what_depends_on_the_day_of_the_publish_is_left_out():
    every = {"Plan-expired": rule_named("Plan-expired"), "One": rule_named("One")}
    old = Remark("ps:Plan-expired", "https://example.org/a", None, None, True)
    assert [rule.key for rule, _ in health.missing([old, ONE, ONE], every)] == ["One"]
