"""Drawings as data: which boxes stand where, and which arrows run between them. Templates draw; words come from the
vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

from planvev.names import NS, PREFIXES

WIDTH, HEIGHT = 180, 48  # of a box, in the drawing's own units


@dataclass(frozen=True)
class Box:
    """A class, with its middle."""

    iri: str
    x: int
    y: int

    width = WIDTH
    height = HEIGHT

    @property
    def left(self) -> int:
        return self.x - WIDTH // 2

    @property
    def top(self) -> int:
        return self.y - HEIGHT // 2


@dataclass(frozen=True)
class Arrow:
    """A property that runs from one box to another, with the ends of its line and the place of its name."""

    iri: str
    start: Box
    end: Box

    @property
    def line(self) -> tuple[int, int, int, int]:
        """From edge to edge: x1, y1, x2, y2."""
        a, b = self.start, self.end
        if a.y == b.y:
            side = 1 if b.x > a.x else -1
            return a.x + side * WIDTH // 2, a.y, b.x - side * (WIDTH // 2 + 6), b.y
        side = 1 if b.y > a.y else -1
        return a.x, a.y + side * HEIGHT // 2, b.x, b.y - side * (HEIGHT // 2 + 6)

    @property
    def middle(self) -> tuple[int, int]:
        x1, y1, x2, y2 = self.line
        return (x1 + x2) // 2, (y1 + y2) // 2 - 4


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def core() -> Drawing:
    """The core of the vocabulary: what a plan rests on above it, its parts below it."""
    eli = PREFIXES["eli"]
    box = {
        name: Box((eli if name.startswith("Legal") else NS) + name, x, y)
        for name, x, y in (
            ("LegalResourceSubdivision", 120, 60),
            ("Guidance", 400, 60),
            ("KnowledgeBase", 680, 60),
            ("Plan", 400, 200),
            ("Goal", 120, 340),
            ("FocusArea", 400, 340),
            ("TargetGroup", 680, 340),
            ("Situation", 120, 480),
            ("Strategy", 400, 480),
            ("DesiredState", 680, 480),
            ("Measure", 400, 600),
        )
    }
    arrows = (
        Arrow(NS + "legalBasis", box["Plan"], box["LegalResourceSubdivision"]),
        Arrow(NS + "guidedBy", box["Plan"], box["Guidance"]),
        Arrow(NS + "informedBy", box["Plan"], box["KnowledgeBase"]),
        Arrow(PREFIXES["dct"] + "isPartOf", box["Goal"], box["Plan"]),
        Arrow(PREFIXES["dct"] + "isPartOf", box["FocusArea"], box["Plan"]),
        Arrow(NS + "targets", box["Plan"], box["TargetGroup"]),
        Arrow(NS + "currentState", box["FocusArea"], box["Situation"]),
        Arrow(NS + "inFocusArea", box["Strategy"], box["FocusArea"]),
        Arrow(NS + "desiredState", box["FocusArea"], box["DesiredState"]),
        Arrow(NS + "implementsStrategy", box["Measure"], box["Strategy"]),
    )
    return Drawing(800, 640, tuple(box.values()), arrows)
