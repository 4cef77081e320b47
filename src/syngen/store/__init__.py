"""A run is a folder: manifest, reference, plan, SQLite journal, exports. Everything later reads only it.

manifest.json       what was asked of what: configuration, versions, digests, seed
reference.parquet   the real rows, so that the folder can be copied and resumed elsewhere
plan.parquet        one row per slot (planned mode)
journal.sqlite      every call, accepted row and rejection, one transaction a completion
"""

from syngen.store.folder import FORMAT, Manifest, check_not_of_run, create, read_manifest, versions
from syngen.store.journal import Journal

__all__ = ["FORMAT", "Journal", "Manifest", "check_not_of_run", "create", "read_manifest", "versions"]
