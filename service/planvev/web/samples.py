"""A query as code that asks it: curl, Python with SPARQLWrapper, R, and the address that a spreadsheet reads.

Whatever stands in the query is text in each of them, and nothing of it is carried out by a shell or an interpreter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Sample:
    """Code in one language, by its name there."""

    name: str
    code: str


def samples(query: str, kind: str, endpoint: str, graphs: Sequence[tuple[str, str]] = ()) -> list[Sample]:
    """A query in each language.

    Args:
        query: its text.
        kind: SELECT, ASK, CONSTRUCT or DESCRIBE.
        endpoint: the whole address of the endpoint.
        graphs: the dataset, as parameters of the protocol.
    """
    text = query.strip()
    address = endpoint + ("?" + urlencode(graphs) if graphs else "")
    found = [Sample("curl", _curl(text, kind, address)), Sample("Python", _python(text, kind, address))]
    return [*found, Sample("R", _r(text, address))] if kind == "SELECT" else found


def _curl(text: str, kind: str, address: str) -> str:
    accept = {"SELECT": "text/csv", "ASK": "application/sparql-results+json"}.get(kind, "text/turtle")
    end = "SPARQL"
    while end in text.splitlines():
        end += "_"
    return f"curl -s -H 'Accept: {accept}' --data-urlencode query@- '{_no_quote(address)}' <<'{end}'\n{text}\n{end}\n"


def _no_quote(address: str) -> str:
    return address.replace("'", "%27")


def _python(text: str, kind: str, address: str) -> str:
    rows = kind in ("SELECT", "ASK")
    lines = [
        f"from SPARQLWrapper import {'JSON' if rows else 'TURTLE'}, POST, SPARQLWrapper",
        "",
        f"endpoint = SPARQLWrapper({address!r}, returnFormat={'JSON' if rows else 'TURTLE'})",
        "endpoint.setMethod(POST)",
        f"endpoint.setQuery({_python_text(text)})",
    ]
    lines += {
        "SELECT": [
            'for row in endpoint.queryAndConvert()["results"]["bindings"]:',
            '    print({name: cell["value"] for name, cell in row.items()})',
        ],
        "ASK": ['print(endpoint.queryAndConvert()["boolean"])'],
    }.get(kind, ["print(endpoint.queryAndConvert().decode())"])
    return "\n".join(lines) + "\n"


def _python_text(text: str) -> str:
    plain = all(sign >= " " or sign in "\n\t" for sign in text)
    return f'"""\n{text}\n"""' if plain and '"""' not in text and "\\" not in text else repr(text)


def _r(text: str, address: str) -> str:
    dashes = "-"
    while f"){dashes}" in text:
        dashes += "-"
    begin = f"{address}{'&' if '?' in address else '?'}format=csv&query="
    quoted = begin.replace("\\", "%5C").replace('"', "%22")
    return (
        f'query <- r"{dashes}({text}){dashes}"\n'
        f'answer <- read.csv(paste0("{quoted}", URLencode(query, reserved = TRUE)), encoding = "UTF-8")\n'
        "print(answer)\n"
    )
