"""The catalogue for national registries: DCAT-AP-NO 3.0, valid as 2.x and as DCAT-AP 3.0.1 too.

A dataset for each publisher and one for everything, each with the files of the last finished edition of the dumps, the
endpoint and the pages as data services. Contact point, owner and publisher numbers come from settings and data alone;
what nobody has said is named as missing (`registry`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from planvev import periods
from planvev.formats.rdf import Literal
from planvev.media import NQUADS, TRIG, TURTLE
from planvev.names import COMMON
from planvev.registries.dumps import GZIP, Dump, Edition
from planvev.registries.holdings import Holding, Holdings, Work
from planvev.registries.registry import EU, IANA, LANGUAGES, Document, Names, Owner, called, tagged, typed

LOS = "https://psi.norge.no/los/"
SPARQL = "https://www.w3.org/TR/sparql11-protocol/"
NORWAY = f"{EU}country/NOR"
FORMATS = {NQUADS.type: "RDF_N_QUADS", TRIG.type: "RDF_TRIG", TURTLE.type: "RDF_TURTLE"}
CALLED = {NQUADS.type: "N-Quads", TRIG.type: "TriG", TURTLE.type: "Turtle"}

KEYWORDS = {"nb": ("planer", "lenkede data"), "nn": ("planar", "lenkja data"), "en": ("plans", "linked data")}
TITLES = {
    "catalogue": {
        "nb": "Offentlige planer som lenkede data",
        "nn": "Offentlege planar som lenkja data",
        "en": "Public plans as linked data",
    },
    "of": {"nb": "Planer fra {0}", "nn": "Planar frå {0}", "en": "Plans of {0}"},
    "all": {
        "nb": "Alle planene, med lover og veiledere de bygger på",
        "nn": "Alle planane, med lover og rettleiarar dei byggjer på",
        "en": "All the plans, with the law and guidance they rest on",
    },
    "sparql": {"nb": "SPARQL-endepunkt for planene", "nn": "SPARQL-endepunkt for planane", "en": "SPARQL endpoint"},
    "pages": {
        "nb": "Sider og dokumenter for hver plan",
        "nn": "Sider og dokument for kvar plan",
        "en": "Pages and documents of every plan",
    },
}
DESCRIPTIONS = {
    "catalogue": {
        "nb": "Planer fra kommuner og direktorater som åpne, lenkede data (RDF), med sitatene de bygger på.",
        "nn": "Planar frå kommunar og direktorat som opne, lenkja data (RDF), med sitata dei byggjer på.",
        "en": "Plans of municipalities and directorates as open linked data (RDF), with the words they rest on.",
    },
    "of": {
        "nb": "Visjoner, mål, satsingsområder, strategier og tiltak, med målgrupper, lovhjemler og sitater: {0}.",
        "nn": "Visjonar, mål, satsingsområde, strategiar og tiltak, med målgrupper, lovheimlar og sitat: {0}.",
        "en": "Visions, goals, focus areas, strategies and measures, with target groups, law and quotations: {0}.",
    },
    "all": {
        "nb": "Alt som er publisert her i én fil: planer, lover, veiledere, organisasjoner, koder og vokabularet.",
        "nn": "Alt som er publisert her i éi fil: planar, lover, rettleiarar, organisasjonar, kodar og vokabularet.",
        "en": "All that is published here in one file: plans, law, guidance, organisations, codes and the vocabulary.",
    },
    "sparql": {
        "nb": "Spørringer over alle planene samlet, etter SPARQL 1.1.",
        "nn": "Spørjingar over alle planane samla, etter SPARQL 1.1.",
        "en": "Queries over all the plans together, by SPARQL 1.1.",
    },
    "pages": {
        "nb": "Hver ting har en adresse som svarer med HTML, Turtle, JSON-LD, RDF/XML eller N-Triples.",
        "nn": "Kvar ting har ei adresse som svarar med HTML, Turtle, JSON-LD, RDF/XML eller N-Triples.",
        "en": "Every thing has an address that answers with HTML, Turtle, JSON-LD, RDF/XML or N-Triples.",
    },
}
VOCABULARY = {
    "nb": "Planvev: vokabular for offentlige planer",
    "nn": "Planvev: vokabular for offentlege planar",
    "en": "Planvev: a vocabulary for public plans",
}
SHAPES = {
    "nb": "Regler for data om planer (SHACL)",
    "nn": "Reglar for data om planar (SHACL)",
    "en": "Rules for data about plans (SHACL)",
}
RIGHTS = {
    "nb": "Dataene kan brukes fritt på lisensens vilkår.",
    "nn": "Dataa kan brukast fritt på vilkåra i lisensen.",
    "en": "The data may be used freely on the terms of the licence.",
}


def catalogue(owner: Owner, edition: Edition, holdings: Holdings, version: str, only: str = "") -> Document | None:
    """The catalogue, or that of one publisher; None when there is no such publisher.

    Args:
        owner: who stands behind it, and the addresses.
        edition: the files that distributions name.
        holdings: what each publisher has.
        version: of the vocabulary the data conform to.
        only: the publisher, as addresses name it; empty for all.
    """
    chosen = [one for one in holdings.publishers() if only in ("", one.slug)]
    if only and not chosen:
        return None
    writing = _Writing(Document(owner, holdings), edition, version)
    writing.catalogue(f"{owner.base.iri}/catalogue" + (f"/{only}" if only else ""), chosen, only)
    return writing.to


class _Writing:
    def __init__(self, to: Document, edition: Edition, version: str) -> None:
        self.to = to
        self.owner = to.owner
        self.edition = edition
        self.top = f"{self.owner.base.iri}/catalogue"
        self.licence = f"{EU}licence/{self.owner.licence}"
        self.vocabulary = f"{COMMON}/ns/{version}"
        self.version = version

    def catalogue(self, iri: str, chosen: Sequence[Holding], only: str) -> None:
        to = self.to
        to.kind(iri, "dcat:Catalog")
        self._named(iri, "of" if only else "catalogue", chosen if only else ())
        to.say(iri, "dct:identifier", Literal(iri))
        if only:
            to.published_by(iri, chosen[0].body)
        else:
            to.published_by_owner(iri)
        to.contact(iri)
        to.say(iri, "dct:spatial", *(chosen[0].body.places if only and chosen[0].body else ()), NORWAY)
        to.say(iri, "dct:license", self.licence)
        to.say(iri, "dcat:themeTaxonomy", f"{EU}data-theme", f"{LOS}struktur")
        to.say(iri, "dct:language", *(f"{EU}language/{LANGUAGES[tag]}" for tag in ("nb", "nn", "en")))
        dumps = [dump for dump in self.edition.dumps if only in ("", dump.publisher)]
        to.say(iri, "dct:issued", _day(min(dump.issued for dump in dumps)))
        to.say(iri, "dct:modified", _day(max(dump.modified for dump in dumps)))
        to.say(iri, "foaf:homepage", f"{self.owner.host}/")
        to.kind(f"{self.owner.host}/", "foaf:Document")
        datasets = {f"{self.top}/{one.slug}#dataset": one for one in chosen}
        for dataset, holding in datasets.items():
            self._of_publisher(dataset, holding)
        if not only:
            self._of_all(f"{self.top}#dataset", chosen)
        to.say(iri, "dcat:dataset", *datasets, None if only else f"{self.top}#dataset")
        self._standards()
        if not only:
            self._services(iri, datasets)

    def _of_publisher(self, iri: str, holding: Holding) -> None:
        self._dataset(iri, "of", [holding], holding.slug)
        self.to.published_by(iri, holding.body)
        self.to.say(iri, "dct:spatial", *(holding.body.places if holding.body else ()), NORWAY)

    def _of_all(self, iri: str, chosen: Sequence[Holding]) -> None:
        self._dataset(iri, "all", chosen, "")
        self.to.published_by_owner(iri)
        self.to.say(iri, "dct:spatial", NORWAY)

    def _dataset(self, iri: str, words: str, chosen: Sequence[Holding], slug: str) -> None:
        to, works = self.to, [work for one in chosen for work in one.works]
        to.kind(iri, "dcat:Dataset")
        self._named(iri, words, chosen if slug else ())
        to.say(iri, "dct:identifier", Literal(iri))
        to.contact(iri)
        to.say(iri, "dcat:theme", f"{EU}data-theme/GOVE", *self._los(works))
        for language, keywords in self._keywords(works).items():
            to.say(iri, "dcat:keyword", *(tagged(word, language) for word in keywords))
        to.say(iri, "dct:accessRights", f"{EU}access-right/PUBLIC")
        to.say(iri, "dct:accrualPeriodicity", f"{EU}frequency/IRREG")
        spoken = {LANGUAGES[tag] for work in works for tag in work.languages if tag in LANGUAGES}
        to.say(iri, "dct:language", *(f"{EU}language/{code}" for code in sorted(spoken)))
        to.say(iri, "dct:conformsTo", self.vocabulary, f"{COMMON}/shapes")
        to.say(iri, "dcat:landingPage", f"{self.owner.host}{self._page(chosen[0]) if slug else '/'}")
        self._period(iri, works)
        self._law(iri, works)
        dumps = [dump for dump in self.edition.dumps if dump.publisher == slug]
        to.say(iri, "dct:issued", _day(min(dump.issued for dump in dumps)))
        to.say(iri, "dct:modified", _day(max(dump.modified for dump in dumps)))
        for dump in dumps:
            self._distribution(iri, dump)

    def _named(self, iri: str, words: str, of: Sequence[Holding]) -> None:
        title, description = TITLES[words], DESCRIPTIONS[words]
        if of:
            names = of[0].body.names if of[0].body else {}
            title = {lang: said.format(called(names, lang) or of[0].slug) for lang, said in title.items()}
            works = of[0].works
            description = {lang: said.format(_listed(works, lang)) for lang, said in description.items()}
        self.to.words(iri, "dct:title", title)
        self.to.words(iri, "dct:description", description)

    def _los(self, works: Iterable[Work]) -> list[str]:
        kinds = {work.kind for work in works}
        codes = (self.to.codes[kind] for kind in kinds if kind in self.to.codes)
        return sorted({match for code in codes for match in code.matches if match.startswith(LOS)})

    def _keywords(self, works: Iterable[Work]) -> Mapping[str, list[str]]:
        names = [self.to.codes[kind].names for kind in sorted({w.kind for w in works}) if kind in self.to.codes]
        return {
            lang: [*words, *dict.fromkeys(name[lang] for name in names if lang in name)]
            for lang, words in KEYWORDS.items()
        }

    def _period(self, iri: str, works: Iterable[Work]) -> None:
        works = list(works)
        starts = [day for work in works if (day := periods.day(work.start, last=False))]
        ends = [day for work in works if (day := periods.day(work.end, last=True))]
        if starts or ends:
            period = f"{iri}-period"
            self.to.kind(period, "dct:PeriodOfTime")
            self.to.say(period, "dcat:startDate", typed(min(starts).isoformat(), "date") if starts else None)
            self.to.say(period, "dcat:endDate", typed(max(ends).isoformat(), "date") if ends else None)
            self.to.say(iri, "dct:temporal", period)

    def _law(self, iri: str, works: Iterable[Work]) -> None:
        """The acts that plans state as their basis, under the ELI derived for them, as DCAT-AP-NO advises."""
        acts = self.to.holdings.acts()
        for basis in sorted({law for work in works for law in work.law}):
            act = acts.get(basis) or acts.get(basis.rpartition("/p")[0])
            if act and act.eli:
                self.to.say(iri, "dcatap:applicableLegislation", act.eli)
                self.to.kind(act.eli, "eli:LegalResource")
                self.to.words(act.eli, "dct:title", act.names)
                self.to.say(act.eli, "dct:type", act.kind or None)
                self.to.say(act.eli, "rdfs:seeAlso", act.iri)

    def _distribution(self, dataset: str, dump: Dump) -> None:
        to, iri = self.to, f"{dataset}-{dump.name.removesuffix('.gz').rpartition('.')[2]}"
        address = f"{self.owner.host}/dump/{self.edition.name}/{dump.name}"
        format_name = CALLED[dump.media_type]
        to.say(dataset, "dcat:distribution", iri)
        to.kind(iri, "dcat:Distribution")
        to.words(iri, "dct:title", dict.fromkeys(("nb", "nn", "en"), f"{format_name}, gzip"))
        to.words(iri, "dct:description", _contents(dump, format_name))
        to.say(iri, "dcat:accessURL", f"{self.owner.host}/dump/")
        to.say(iri, "dcat:downloadURL", address)
        to.say(iri, "dct:format", f"{EU}file-type/{FORMATS[dump.media_type]}")
        to.say(iri, "dcat:mediaType", IANA + dump.media_type)
        to.say(iri, "dcat:compressFormat", IANA + GZIP)
        to.say(iri, "dcat:byteSize", typed(str(dump.bytes), "nonNegativeInteger"))
        to.say(iri, "dct:license", self.licence)
        to.say(iri, "dct:rights", f"{self.top}#rights")
        to.say(iri, "adms:status", f"{EU}distribution-status/COMPLETED")
        to.say(iri, "dcatap:availability", f"{EU}planned-availability/AVAILABLE")
        to.say(iri, "dct:conformsTo", self.vocabulary)
        to.say(iri, "dct:issued", _day(dump.issued))
        to.say(iri, "dct:modified", _day(dump.modified))
        to.say(iri, "dcat:accessService", f"{self.top}#sparql")
        to.say(iri, "spdx:checksum", f"{iri}-checksum")
        to.kind(f"{iri}-checksum", "spdx:Checksum")
        to.say(f"{iri}-checksum", "spdx:algorithm", "spdx:checksumAlgorithm_sha256")
        to.say(f"{iri}-checksum", "spdx:checksumValue", typed(dump.sha256, "hexBinary"))

    def _services(self, catalogue: str, datasets: Iterable[str]) -> None:
        host, served = self.owner.host, [f"{self.top}#dataset", *datasets]
        self._service("sparql", f"{host}/sparql", f"{host}/sparql", SPARQL, f"{EU}file-type/SPARQLQRES", served)
        described = f"{host}/queries"
        self._service("pages", f"{host}/", described, self.vocabulary, f"{EU}file-type/RDF_TURTLE", served)
        self.to.say(catalogue, "dcat:service", f"{self.top}#sparql", f"{self.top}#pages")
        self.to.kind(SPARQL, "dct:Standard")
        self.to.words(SPARQL, "dct:title", {"en": "SPARQL 1.1 Protocol"})
        self.to.say(SPARQL, "rdfs:seeAlso", SPARQL)

    def _service(self, name: str, at: str, described: str, standard: str, form: str, served: Iterable[str]) -> None:
        to, iri = self.to, f"{self.top}#{name}"
        to.kind(iri, "dcat:DataService")
        self._named(iri, name, ())
        to.say(iri, "dct:identifier", Literal(iri))
        to.published_by_owner(iri)
        to.contact(iri)
        to.say(iri, "dcat:endpointURL", at)
        to.say(iri, "dcat:endpointDescription", described)
        to.say(iri, "dct:conformsTo", standard)
        to.say(iri, "dct:format", form)
        to.say(iri, "dcat:theme", f"{EU}data-theme/GOVE")
        for language, words in KEYWORDS.items():
            to.say(iri, "dcat:keyword", *(tagged(word, language) for word in words))
        to.say(iri, "dct:license", self.licence)
        to.say(iri, "dct:accessRights", f"{EU}access-right/PUBLIC")
        to.say(iri, "dcatap:availability", f"{EU}planned-availability/AVAILABLE")
        to.say(iri, "dcat:servesDataset", *served)

    def _standards(self) -> None:
        to = self.to
        for iri, title in (
            (
                self.vocabulary,
                {"nb": "Planvev: vokabular for offentlige planer", "en": "A vocabulary for public plans"},
            ),
            (f"{COMMON}/shapes", {"nb": "Regler for data om planer (SHACL)", "en": "Rules for data on plans (SHACL)"}),
        ):
            to.kind(iri, "dct:Standard")
            to.words(iri, "dct:title", title)
            to.say(iri, "rdfs:seeAlso", iri)
        to.say(self.vocabulary, "dcat:version", Literal(self.version))
        to.kind(f"{self.top}#rights", "dct:RightsStatement")
        to.words(f"{self.top}#rights", "rdfs:label", RIGHTS)

    def _page(self, holding: Holding) -> str:
        return self.owner.base.address(holding.body.iri) if holding.body else "/"


def _listed(works: Sequence[Work], language: str) -> str:
    """The first titles, and how many more there are."""
    titles = [called(work.names, language) or work.iri for work in works]
    more = {"nb": "og {0} til", "nn": "og {0} til", "en": "and {0} more"}[language].format(len(titles) - 5)
    return "; ".join([*titles[:5], *([more] if len(titles) > 5 else [])])


def _contents(dump: Dump, format_name: str) -> Names:
    return {
        "nb": f"{dump.graphs} grafer med {dump.triples} utsagn som {format_name}, pakket med gzip.",
        "nn": f"{dump.graphs} grafar med {dump.triples} utsegner som {format_name}, pakka med gzip.",
        "en": f"{dump.graphs} graphs with {dump.triples} statements as {format_name}, compressed with gzip.",
    }


def _day(text: str) -> Literal:
    return typed(text, "date")
