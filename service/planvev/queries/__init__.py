"""SPARQL before anything runs: its text, the examples and rules that planvev comes with, what data consists of."""
