"""Search: a reader's words in, things out."""
