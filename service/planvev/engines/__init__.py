"""The published state, to read: a snapshot of ours, or an engine on the network behind the same seam."""
