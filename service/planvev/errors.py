"""Everything that can go wrong and that a caller may see, as one tree of `Problem`s.

Each class carries what the wire needs (RFC 9457: a stable `slug` for `type`, a `status`, a `title`) and what a person
needs: `detail` says what happened and where, `advice` what to do about it. The command line prints the same two
sentences. Nothing here knows about HTTP frameworks or terminals.

    Problem
    ├── BadRequest            400   the request itself is not understood
    │   ├── QuerySyntax             … SPARQL that does not parse: line and column
    │   └── QueryRefused            … SPARQL we do not run: update, SERVICE, too deep, unknown graph
    ├── NotFound              404   no such resource
    │   └── Gone              410   what stood here was withdrawn
    ├── NotAllowed            405   this address does not take that method
    ├── NotAcceptable         406   no format we have is one the client wants
    ├── BodyTooLarge          413   more bytes than a query may have
    ├── UnsupportedMedia      415   the body is of a type we do not read
    ├── ResultTooLarge        422   the answer passes the ceiling; nothing is cut
    ├── EngineFault           500   the query engine gave up
    ├── HistoryDamaged        500   a version published before cannot be read
    ├── NeedsEmbedded         501   this page needs the embedded engine, and another one is set
    ├── EngineRefused         502   the engine on the network does not let us in
    ├── EngineUnreachable     502   it cannot be reached
    ├── EngineAnswer          502   what it sent is not a whole and true answer
    ├── Busy                  503   no place for a query is free
    │   └── TooManyQueries    429   the client has as many queries running as one may have
    ├── NoSnapshot            503   nothing has been published yet, or its folder is gone
    │   ├── NoIndex                 … its search index cannot be read
    │   ├── Switching               … the store on the network is being filled
    │   └── Switched                … it was switched while we read: the request begins anew
    ├── QueryTimeout          504   the query reached its deadline
    │   └── EngineTimeout           … the engine on the network did not answer in time
    └── Halt                        only the command line sees these
        ├── BadSetting              a setting has a wrong name or value
        ├── Misplaced               a file stands where no graph can stand
        ├── Unreadable              a file cannot be read at all
        ├── SyntaxFault             a file does not parse: file, line, column
        ├── Refused                 the shapes refuse the data
        ├── StateUnusable           the state folder cannot be written
        ├── PublishRunning          another publisher holds the lock
        ├── PortTaken               the port is in use
        └── QueryFailed             `planvev query` got no whole answer
"""

from __future__ import annotations

from collections.abc import Mapping


class Problem(Exception):
    """A failure with a name, said in plain words.

    Args:
        detail: what happened and where, one or two sentences.
        advice: what the reader can do about it; may be empty.
    """

    slug = "internal"
    status = 500
    title = "Something went wrong"

    def __init__(self, detail: str = "", advice: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.advice = advice

    def __str__(self) -> str:
        return " ".join(part for part in (self.detail or self.title, self.advice) if part)


class BadRequest(Problem):
    slug, status, title = "bad-request", 400, "The request was not understood"


class QuerySyntax(BadRequest):
    slug, title = "query-syntax", "The query is not valid SPARQL"

    def __init__(self, detail: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(detail)
        self.line = line
        self.column = column


class QueryRefused(BadRequest):
    slug, title = "query-refused", "The query is not run here"


class NotFound(Problem):
    slug, status, title = "not-found", 404, "We have nothing at this address"


class Gone(NotFound):
    slug, status, title = "gone", 410, "What stood here was withdrawn"

    def __init__(
        self,
        detail: str = "",
        advice: str = "",
        replaced: tuple[str, ...] = (),
        last: str = "",
        name: tuple[str, str] = ("", ""),
        why: tuple[str, str] = ("", ""),
        called: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        super().__init__(detail, advice)
        self.replaced = replaced  # the IRIs of what replaces it
        self.last = last  # the address of its last version on this host
        self.name = name  # what it was called, and in which language; empty where nothing says it any more
        self.why = why  # why it was withdrawn, likewise
        self.called = called or {}  # what things that replace it are called, likewise, by IRI


class NotAllowed(Problem):
    slug, status, title = "not-allowed", 405, "This address does not take that method"


class NotAcceptable(Problem):
    slug, status, title = "not-acceptable", 406, "We do not have the format that was asked for"


class BodyTooLarge(Problem):
    slug, status, title = "body-too-large", 413, "The request is too large"


class UnsupportedMedia(Problem):
    slug, status, title = "unsupported-media", 415, "We do not read that kind of content"


class ResultTooLarge(Problem):
    slug, status, title = "result-too-large", 422, "The answer is larger than this service sends"


class EngineFault(Problem):
    slug, status, title = "engine-fault", 500, "The query could not be carried out"


class HistoryDamaged(Problem):
    slug, status, title = "history-damaged", 500, "A version published before cannot be read"


class NeedsEmbedded(Problem):
    slug, status, title = "needs-embedded", 501, "This page needs the embedded engine"


class EngineRefused(Problem):
    slug, status, title = "engine-refused", 502, "The engine does not let us in"


class EngineUnreachable(Problem):
    slug, status, title = "engine-unreachable", 502, "The engine cannot be reached"


class EngineAnswer(Problem):
    slug, status, title = "engine-answer", 502, "The engine sent no whole answer"


class Busy(Problem):
    slug, status, title = "busy", 503, "All places for queries are taken"
    retry_after = 2  # seconds


class TooManyQueries(Busy):
    slug, status, title = "too-many-queries", 429, "You have as many queries running as one client may have"


class NoSnapshot(Problem):
    slug, status, title = "no-snapshot", 503, "Nothing has been published yet"
    retry_after = 10  # seconds


class Switching(NoSnapshot):
    slug, title = "switching", "A new edition is being published"
    retry_after = 2


class Switched(NoSnapshot):
    slug, title = "switched", "A new edition was published meanwhile"
    retry_after = 1


class NoIndex(NoSnapshot):
    slug, title = "no-index", "There is no search index yet"


class NoDumps(NoSnapshot):
    slug, title = "no-dumps", "The catalogues are made with the dumps, and there are none yet"


class QueryTimeout(Problem):
    slug, status, title = "query-timeout", 504, "The query took too long"


class EngineTimeout(QueryTimeout):
    slug, title = "engine-timeout", "The engine did not answer in time"


class Halt(Problem):
    """A failure that ends a command; `exit_code` 1 means the input was refused, 2 that the command could not run."""

    slug, title = "halt", "The command stopped"
    exit_code = 2


class BadSetting(Halt):
    slug, title = "bad-setting", "A setting is wrong"


class Misplaced(Halt):
    slug, title = "misplaced", "The file does not stand at a place where a graph can stand"


class Unreadable(Halt):
    slug, title = "unreadable", "A file cannot be read"


class SyntaxFault(Halt):
    slug, title = "syntax", "The file is not valid Turtle"
    exit_code = 1

    def __init__(self, words: Mapping[str, str], file: str, line: int, column: int, advice: str = "") -> None:
        super().__init__(words["en"], advice)
        self.words = words  # what is wrong and what to do, by language
        self.file = file
        self.line = line
        self.column = column


class Refused(Halt):
    slug, title = "refused", "The data does not meet the shapes"
    exit_code = 1


class CheckTimeout(Halt):
    slug, title = "check-timeout", "The check took too long"


class StateUnusable(Halt):
    slug, title = "state-unusable", "The state folder cannot be used"


class PublishRunning(Halt):
    slug, title = "publish-running", "Another publish is running"


class PortTaken(Halt):
    slug, title = "port-taken", "The port is in use"


class QueryFailed(Halt):
    slug, title = "query-failed", "The endpoint gave no whole answer"
