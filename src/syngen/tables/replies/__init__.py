"""What a model wrote becomes candidate rows: completions or raw text in, `Candidate` and `Rejected` out.

`planned` reads the JSON that a planned call asks for, strictly; `native` reads whatever a model
writes when a person asks for more rows. Neither raises on any text, and neither mends silently:
each repair is a code in the notes of the candidate it touched.
"""

from syngen.tables.replies.native import Reply, native
from syngen.tables.replies.planned import planned

__all__ = ["Reply", "native", "planned"]
