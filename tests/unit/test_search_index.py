"""The search index by itself: built step by step it answers as one built anew; it can be read where nothing can be
written; and it is gone when its snapshot is."""

from __future__ import annotations

import gc
import multiprocessing
import random
import stat
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from planvev.finding.search import Answer, Ask, SearchIndex
from planvev.finding.search_index import SEARCH, build
from planvev.library import Library, Text, read
from planvev.names import Base
from tests.library.copies import CULTURE, NATURE, copied

TOP = Path(__file__).parents[2]
TODAY = date(2026, 1, 15)
WORDS = (
    "plan",
    "natur",
    "kultur",
    "naturplan",
    "naturplna",
    "kommune",
    "barn",
    "barn og unge",
    '"barn og unge"',
    "goal",
    "mål xqz",
    "skule",
    "bærekraft",
    "fisk",
    "xqzwv",
)


def texts(library: Library) -> dict[str, Text]:
    return {source.graph: read(source) for source in library.sources()}


def answers(folder: Path, words: tuple[str, ...] = WORDS) -> list[Answer]:
    index = SearchIndex(folder)
    return [
        index.find(Ask(text, TODAY, ("nb", "nn", "en"), status=status, size=100))
        for text in words
        for status in ("", "in-force", "unknown")
    ]


def built(folder: Path, library: Library, before: dict[str, Text] | None = None, previous: Path | None = None) -> Path:
    """An index of the library as it is now: anew, or from what has changed since `before`."""
    now = texts(library)
    folder.mkdir()
    if before is None or previous is None:
        build(folder / SEARCH, now.values(), library.base)
    else:
        changed = [text for graph, text in now.items() if graph not in before or before[graph].sha256 != text.sha256]
        build(folder / SEARCH, changed, library.base, sorted(before.keys() - now.keys()), previous / SEARCH)
    return folder


def edited(random_: random.Random, copy, step: int) -> None:
    """One thing an editor may do to a library."""
    place = random_.choice([NATURE, CULTURE])
    file = copy.file(place)
    new = f"plan/eksempelvik/ny-{step}"
    what = random_.choice(["name", "text", "add", "remove", "comment"])
    if what == "add":
        iri = copy.library.base.thing(new)
        word = random_.choice(["fisk", "skole", "kultur", "barn og unge"])
        copy.add(
            new, f'<{iri}> a <https://w3id.org/planvev/ns#Plan> ; <http://purl.org/dc/terms/title> "{word} {step}"@nb .'
        )
    elif what == "remove" and (new_ones := sorted(copy.root.glob("data/ttl/plan/eksempelvik/ny-*.ttl"))):
        random_.choice(new_ones).unlink()
    elif what == "comment":
        file.write_text(file.read_text("utf-8") + f"# {step}\n", "utf-8")
    else:
        old, word = random_.choice(["plan", "Plan", "natur"]), random_.choice(["fisk", "bærekraft", "skulen"])
        lines = file.read_text("utf-8").splitlines()
        at = [n for n, line in enumerate(lines) if '"' in line and old in line.split('"')[1]]
        if at:
            head, said, *rest = lines[n := random_.choice(at)].split('"')
            lines[n] = '"'.join([head, said.replace(old, word, 1), *rest])
            file.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize("seed", range(4))
def test_an_index_built_step_by_step_answers_as_one_built_anew(tmp_path, seed):
    random_ = random.Random(seed)
    copy = copied(tmp_path)
    previous, before = built(tmp_path / "0", copy.library), texts(copy.library)
    for step in range(1, 5):
        for _ in range(random_.randint(1, 3)):
            edited(random_, copy, step)
        following = built(tmp_path / str(step), copy.library, before, previous)
        anew = built(tmp_path / f"{step}-anew", copy.library)
        assert answers(following) == answers(anew), f"seed {seed}, step {step}"
        assert SearchIndex(following).size == SearchIndex(anew).size
        previous, before = following, texts(copy.library)


def test_an_index_built_twice_answers_alike(tmp_path):
    library = Library(TOP, Base())
    assert answers(built(tmp_path / "a", library)) == answers(built(tmp_path / "b", library))


def test_the_index_before_is_taken_over_by_links_and_never_touched(tmp_path):
    copy = copied(tmp_path)
    first, before = built(tmp_path / "first", copy.library), texts(copy.library)
    had = {path: (path.read_bytes(), path.stat().st_ino) for path in (first / SEARCH).iterdir()}
    copy.file(NATURE).write_text(copy.file(NATURE).read_text("utf-8").replace("Plan", "Fisk"), "utf-8")
    second = built(tmp_path / "second", copy.library, before, first)
    assert {path: (path.read_bytes(), path.stat().st_ino) for path in (first / SEARCH).iterdir()} == had
    ours = {path.stat().st_ino for path in (second / SEARCH).iterdir()}
    assert len(ours & {inode for _, inode in had.values()}) >= 5


def test_an_index_is_read_where_nothing_can_be_written_and_leaves_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    folder = built(tmp_path / "snapshot", copied(tmp_path).library)
    files = sorted(path.name for path in (folder / SEARCH).iterdir())
    assert not [name for name in files if name.endswith(".lock")]
    for path in (folder / SEARCH, folder):
        path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        for _ in range(20):
            assert SearchIndex(folder).find(Ask("plan", TODAY)).total
        assert list((tmp_path / "tmp").iterdir()) == []
        assert sorted(path.name for path in (folder / SEARCH).iterdir()) == files
    finally:
        for path in (folder, folder / SEARCH):
            path.chmod(stat.S_IRWXU)


def test_whoever_may_read_the_folder_may_read_every_file_of_it(tmp_path):
    folder = built(tmp_path / "snapshot", copied(tmp_path).library) / SEARCH
    may = folder.stat().st_mode & 0o444
    assert [path.name for path in folder.iterdir() if path.stat().st_mode & 0o444 != may] == []


def ask(folder: Path, found) -> None:
    found.put([SearchIndex(folder).find(Ask("plan", TODAY)).total for _ in range(20)])


def test_several_processes_read_one_index(tmp_path):
    folder = built(tmp_path / "snapshot", copied(tmp_path).library)
    context = multiprocessing.get_context("spawn")
    found = context.SimpleQueue()
    processes = [context.Process(target=ask, args=(folder, found)) for _ in range(3)]
    for process in processes:
        process.start()
    totals = [found.get() for _ in processes]
    for process in processes:
        process.join(30)
    assert totals == [[totals[0][0]] * 20] * 3
    assert totals[0][0]


def test_many_threads_read_one_index(tmp_path):
    index = SearchIndex(built(tmp_path / "snapshot", copied(tmp_path).library))
    expected = index.find(Ask("plan", TODAY))
    wrong: list[Answer] = []

    def work() -> None:
        wrong.extend(answer for _ in range(50) if (answer := index.find(Ask("plan", TODAY))) != expected)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def own_threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not list a process's threads")
def test_an_index_that_nobody_holds_leaves_no_thread_and_no_file_open(tmp_path):
    folder = built(tmp_path / "snapshot", copied(tmp_path).library)
    SearchIndex(folder).find(Ask("plan", TODAY))
    time.sleep(1)
    threads, files = own_threads(), len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(30):
        SearchIndex(folder).find(Ask("plan", TODAY))
    gc.collect()
    until = time.monotonic() + 10
    while own_threads() > threads + 3 and time.monotonic() < until:
        time.sleep(0.1)
    assert own_threads() <= threads + 3
    assert len(list(Path("/proc/self/fd").iterdir())) <= files + 3


@pytest.mark.parametrize("broken", ["missing", "empty", "meta"])
def test_an_index_that_cannot_be_read_says_so(tmp_path, broken):
    folder = built(tmp_path / "snapshot", copied(tmp_path).library)
    for path in (folder / SEARCH).iterdir():
        if broken == "meta" and path.name == "meta.json":
            path.write_text("{", "utf-8")
        elif broken != "meta":
            path.unlink()
    if broken == "missing":
        (folder / SEARCH).rmdir()
    with pytest.raises(OSError, match=r"search|meta|file|index"):
        SearchIndex(folder)
