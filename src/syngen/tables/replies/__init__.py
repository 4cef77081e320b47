"""Read candidate rows from what a model wrote.

`planned` reads the JSON that a planned call asks for, strictly; `native` reads whatever a model
writes when a person asks for more rows. Neither raises on any text, and neither repairs silently:
each repair is a code in the notes of the candidate it touched.
"""

from syngen.tables.replies.native import native
from syngen.tables.replies.planned import planned
from syngen.tables.replies.rows import Reply

__all__ = ["Reply", "native", "planned"]
