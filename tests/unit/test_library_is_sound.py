"""The tiny library that other tests stand on meets the project's own shapes."""

from __future__ import annotations

from planvev.checking.checks import check
from planvev.checking.findings import ERROR
from planvev.library import DATA, read
from tests.library.copies import copied


def test_the_tiny_library_is_refused_by_no_shape_of_the_project(tmp_path):
    library = copied(tmp_path, own_shapes=False).library
    texts = [read(source) for source in library.sources()]
    data = {text.source.place: text for text in texts if text.source.role == DATA}
    vocabulary = [text for text in texts if text.source.role != DATA]
    findings = check(list(data.values()), data, vocabulary, library.base)
    assert [f"{f.file}:{f.line} {f.shape} {f.message('en')}" for f in findings if f.severity == ERROR] == []


def test_everything_in_the_tiny_library_says_that_it_is_invented(tmp_path):
    for path in copied(tmp_path).library.data.rglob("*.ttl"):
        assert any(word in path.read_text("utf-8") for word in ("ppdikt", "for testene", "finnes ikke")), path
