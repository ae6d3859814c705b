"""What every answer carries: validators, what it varies by, who may read it, how it is packed, what a browser may do.

RFC 9110 (sections 8.8, 12.5, 13), the Fetch standard's CORS protocol.
"""

from __future__ import annotations

import gzip

import pytest

KOA = "/doc/plan/moss/koa-2022-2026"
ASK = "/sparql?query=ASK%7B%7D"
PAGES = ["/", f"{KOA}.html", "/ns", "/shapes", "/all/plans", "/graph/plan/moss/koa-2022-2026", "/sparql", "/nowhere"]
DATA = [f"{KOA}.ttl", f"{KOA}.jsonld", f"{KOA}.rdf", f"{KOA}.nt", "/ns.ttl", ASK]


def vary(answer) -> set[str]:
    return {name.strip().lower() for name in answer.headers.get("vary", "").split(",")}


@pytest.mark.parametrize("path", [*DATA, "/", f"{KOA}.html", "/ns", "/all/plans"])
def test_who_has_the_answer_already_gets_304_without_a_body(server, path):
    first = server.get(path)
    tag = first.headers["etag"]
    again = server.get(path, if_none_match=tag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "cache-control" in again.headers


@pytest.mark.parametrize(
    "held",
    ["{tag}", "{strong}", '"other", {tag}', '{tag}, W/"other"', '"a",{strong},"b"', "*", '{tag}  ,  "x"'],
)
def test_a_validator_matches_weak_or_strong_alone_in_a_list_or_as_a_star(server, held):
    tag = server.get(f"{KOA}.ttl").headers["etag"]
    asked = held.format(tag=tag, strong=tag.removeprefix("W/"))
    assert server.get(f"{KOA}.ttl", if_none_match=asked).status_code == 304


@pytest.mark.parametrize("held", ['"other"', 'W/"other"', "", '"a", "b"', "nonsense"])
def test_another_validator_gets_the_whole_answer(server, held):
    answer = server.get(f"{KOA}.ttl", if_none_match=held)
    assert answer.status_code == 200
    assert answer.content


def test_formats_languages_and_queries_have_different_validators(server):
    tags = [server.get(f"{KOA}.{suffix}").headers["etag"] for suffix in ("html", "ttl", "jsonld", "rdf", "nt")]
    tags += [server.get(f"{KOA}.html", accept_language=code).headers["etag"] for code in ("nn", "en")]
    tags += [server.get(ASK).headers["etag"], server.get(ASK + "&format=csv").headers["etag"]]
    assert len(tags) == len(set(tags))


def test_one_document_in_one_format_has_one_validator_each_time_it_is_asked(server):
    assert len({server.get(f"{KOA}.ttl").headers["etag"] for _ in range(3)}) == 1


def test_a_query_whose_answer_changes_by_itself_is_not_kept(server):
    for query in ("SELECT (NOW() AS ?n) {}", "SELECT (RAND() AS ?n) {}", "SELECT (UUID() AS ?n) {}"):
        answer = server.client.get("/sparql", params={"query": query})
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/id/plan/moss/koa-2022-2026", "/ns", "/shapes", ASK])
def test_what_is_negotiated_by_format_says_so(server, path):
    assert "accept" in vary(server.get(path))


@pytest.mark.parametrize("path", PAGES)
def test_pages_say_that_they_vary_by_format_and_language_and_which_language_they_are_in(server, path):
    answer = server.get(path, accept="text/html")
    assert {"accept", "accept-language"} <= vary(answer)
    assert answer.headers["content-language"] == "nb"


@pytest.mark.parametrize("path", [*DATA, *PAGES, "/id/plan/moss/koa-2022-2026", "/snapshot/current"])
def test_a_page_of_any_origin_may_read_every_answer_also_the_errors(server, path):
    answer = server.get(path, origin="https://yasgui.example")
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert {"etag", "link", "location", "retry-after"} <= exposed


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_browser_may_ask_beforehand_whether_it_may_send_a_query(server, method):
    answer = server.client.options(
        "/sparql",
        headers={
            "Origin": "https://yasgui.example",
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "content-type, x-requested-with, accept",
        },
    )
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"]
    assert "content-type" in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize(
    ("path", "methods"), [("/sparql", {"GET", "HEAD", "POST", "OPTIONS"}), ("/ns", {"GET", "HEAD"})]
)
def test_options_without_an_origin_says_which_methods_there_are(server, path, methods):
    answer = server.client.options(path)
    assert answer.status_code == 204
    assert {name.strip() for name in answer.headers["allow"].split(",")} >= methods


@pytest.mark.parametrize(
    "path", ["/", f"{KOA}.html", f"{KOA}.ttl", f"{KOA}.jsonld", "/graph/law/2021-06-18-97?format=nq"]
)
def test_answers_are_packed_for_who_can_unpack_them_and_only_for_them(server, path):
    with server.client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        raw = b"".join(packed.iter_raw())
    plain = server.get(path)
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 2
    assert "accept-encoding" in vary(plain)
    for refusal in ("gzip;q=0, identity", "gzip; q=0.000", "identity", "br"):
        assert "content-encoding" not in server.get(path, accept_encoding=refusal).headers


def test_a_large_answer_to_a_query_is_packed_too(server):
    query = {"query": "SELECT * { GRAPH ?g { ?s ?p ?o } }", "format": "json"}
    with server.client.stream("GET", "/sparql", params=query, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == server.client.get("/sparql", params=query).content


@pytest.mark.parametrize("path", [*PAGES, f"{KOA}.ttl", "/static/nothing.css"])
def test_every_answer_tells_a_browser_to_load_nothing_from_elsewhere_and_to_guess_nothing(server, path):
    headers = server.get(path, accept="text/html").headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in headers
    assert headers["x-request-id"]


def test_the_server_does_not_say_what_it_is_made_of(server):
    for path in ("/", "/nowhere", ASK):
        assert not {"server", "x-powered-by"} & set(server.get(path).headers)


def test_nobody_is_given_a_cookie(server):
    for path in PAGES:
        assert "set-cookie" not in server.get(path).headers


def test_the_style_sheet_is_kept_for_ever_because_its_address_changes_with_it(server):
    page = server.get("/").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = server.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/problem+json", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("text/turtle", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("", "application/problem+json"),
        ("application/json, text/html;q=0.9", "application/problem+json"),
    ],
)
def test_an_error_is_a_page_for_who_reads_pages_and_json_for_programs(server, accept, kind):
    answer = server.get("/nowhere", **({"accept": accept} if accept else {}))
    assert answer.status_code == 404
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["cache-control"] == "no-store"
    assert "accept" in vary(answer)


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/nowhere", 404, "not-found"),
        ("/id/plan/moss/no-such-plan", 404, "not-found"),
        ("/graph/plan/moss/no-such-plan", 404, "not-found"),
        ("/resource", 400, "bad-request"),
        ("/resource?iri=https://nowhere.example/", 404, "not-found"),
        ("/resource?iri=not an iri", 404, "not-found"),
        ("/ns.xyz", 404, "not-found"),
        ("/ns/9.9.9", 404, "not-found"),
        ("/all/nothing", 404, "not-found"),
        ("/snapshot/0123456789abcdef", 404, "not-found"),
        ("/graph/plan/moss/koa-2022-2026?format=docx", 400, "bad-request"),
        ("/sparql?query=SELECT", 400, "query-syntax"),
        ("/sparql?query=INSERT%20DATA%20%7B%7D", 400, "query-refused"),
        ("/sparql?query=ASK%7B%7D&format=docx", 400, "bad-request"),
    ],
)
def test_every_problem_has_the_same_shape_on_the_wire(server, path, status, slug):
    answer = server.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"https://w3id.org/planvev/problem/{slug}"
    assert problem["status"] == status
    assert problem["title"]
    assert len(problem["detail"]) > 10
    assert "Traceback" not in answer.text
