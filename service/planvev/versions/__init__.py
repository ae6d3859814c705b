"""What was published before: every version of every graph, and how two of them differ."""
