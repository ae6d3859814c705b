"""The write side: from files to a snapshot that is served."""
