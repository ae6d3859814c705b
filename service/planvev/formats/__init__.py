"""How things are written: RDF, where it stands in a file, workbooks and news feeds, as bytes."""
