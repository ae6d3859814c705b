"""What pages know of the published things, as plain data: no HTTP, no templates."""
