"""Models behind a network, one file each: what is particular to a provider's API."""
