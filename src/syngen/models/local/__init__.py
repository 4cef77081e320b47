"""Models that run in this process: the embedded engine, Hugging Face models, fitted models."""
