"""Public queries: what is run for one, and the processes that run it and can be killed."""
