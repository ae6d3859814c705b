"""A query as a short word, and back: `/q/…`, for messages, footnotes and the address field of a spreadsheet.

The word is the query itself, packed; nothing is kept here, so a link is never lost, never grows a store that strangers
fill, and means the same at every service of this kind (docs/decisions/0018-editor.md). It is "1", then in base64url
(RFC 4648, section 5) the query as zlib packs it (RFC 1950) with the dictionary below, whose checksum it carries.
"""

from __future__ import annotations

import base64
import binascii
import zlib

from planvev.errors import BadRequest

LONGEST = 8192  # bytes of a query that has a short link
# What queries here are made of, the most frequent last. Links are packed with it: it must never be changed. Another one
# would be version "2", beside this one.
_DICTIONARY = (
    b"FILTER NOT EXISTS { MINUS { VALUES ?x { UNION { GRAPH ?g { CONSTRUCT { DESCRIBE ASK { SELECT "
    b"(COUNT(DISTINCT ?plan) AS ?antall) (COUNT(*) AS ?n) HAVING GROUP BY ?kommune ORDER BY DESC(?n) LIMIT "
    b"100 OFFSET IF(BOUND( STRSTARTS( CONTAINS(LCASE(REGEX( STRDT( YEAR(NOW()) SUBSTR(STR(NOW()), 1, 10) AS "
    b"?today) BIND(COALESCE(?Nb, ?Nn, STR( LANGMATCHES( PREFIX spdx: <http://spdx.org/rdf/terms#>\nPREFIX "
    b"sh: <http://www.w3.org/ns/shacl#>\nPREFIX owl: <http://www.w3.org/2002/07/owl#>\nPREFIX adms: "
    b"<http://www.w3.org/ns/adms#>\nPREFIX rov: <http://www.w3.org/ns/regorg#>\nPREFIX cv: "
    b"<http://data.europa.eu/m8g/>\nPREFIX prov: <http://www.w3.org/ns/prov#>\nPREFIX oa: "
    b"<http://www.w3.org/ns/oa#>\nPREFIX org: <http://www.w3.org/ns/org#>\nPREFIX schema: "
    b"<https://schema.org/>\nPREFIX foaf: <http://xmlns.com/foaf/0.1/>\nPREFIX rdf: "
    b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
    b"PREFIX dcat: <http://www.w3.org/ns/dcat#>\nPREFIX eli: <http://data.europa.eu/eli/ontology#>\nPREFIX "
    b"derived: <https://w3id.org/planvev/graph/derived/>\nPREFIX body: "
    b"<https://w3id.org/planvev/id/code/organisation-type/>\nPREFIX search: "
    b"<https://w3id.org/planvev/search#>\n<https://w3id.org/planvev/id/plan/moss/ "
    b"<https://w3id.org/planvev/id/org/ <https://w3id.org/planvev/id/law/ plan:Goal plan:FocusArea "
    b"plan:Measure plan:TargetGroup plan:Claim plan:legalBasis plan:mentionsLaw plan:guidedBy plan:targets "
    b"plan:inFocusArea plan:implementsStrategy plan:quotedFrom plan:responsible plan:order ?nr plan:text "
    b"?words eli:is_part_of eli:LegalResource dcat:startDate ?start dcat:endDate ?end dct:temporal [ "
    b"dct:type/skos:prefLabel ?kind dct:publisher|dct:creator ?owner skos:prefLabel ?name rdfs:label ?label "
    b"a/rdfs:subClassOf* PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\nPREFIX skos: "
    b"<http://www.w3.org/2004/02/skos/core#>\nPREFIX dct: <http://purl.org/dc/terms/>\nPREFIX plan: "
    b"<https://w3id.org/planvev/ns#>\n\nSELECT DISTINCT ?plan ?title WHERE {\n  ?plan a plan:Plan ; "
    b"dct:title ?title .\n  ?strategy a plan:Strategy ; dct:isPartOf ?plan .\n  OPTIONAL { ?plan dct:title "
    b'?titleNb FILTER(LANG(?titleNb) = "nb") }\n  FILTER(LANG(?title) = "nb")\n}\nORDER BY ?title\n'
)


def packed(query: str) -> str | None:
    """The word of a query; None where it is too long to have one."""
    text = query.encode("utf-8", "surrogatepass")
    if len(text) > LONGEST:
        return None
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY)
    return "1" + base64.urlsafe_b64encode(packer.compress(text) + packer.flush()).rstrip(b"=").decode()


def unpacked(word: str) -> str:
    """The query of a word.

    Raises:
        BadRequest: the word is damaged, or of a kind that is not known here.
    """
    try:
        if word[:1] != "1":
            raise ValueError
        data = base64.b64decode(word[1:] + "=" * (-len(word[1:]) % 4), b"-_", validate=True)
        reader = zlib.decompressobj(zdict=_DICTIONARY)
        text = reader.decompress(data, LONGEST)
        if not reader.eof or reader.unused_data:
            raise ValueError
        return text.decode()
    except (ValueError, binascii.Error, zlib.error):
        raise BadRequest(
            "This short link is not whole, so the query in it cannot be read.",
            "Copy it again, all of it, from where you found it.",
        ) from None
