"""List, fetch and check models."""
