"""SynGen."""
