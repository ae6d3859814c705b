"""What national registries harvest: documents and dumps, and how both are judged."""
