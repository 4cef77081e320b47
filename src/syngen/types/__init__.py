"""The vocabulary: plain frozen data that every stage passes on, and seeds.

`reference` describes a real table, `plan` the rows to make, `run` what is asked of a model and what comes back,
`evaluation` what was measured of synthetic rows.
"""

from syngen.types.evaluation import (
    DRIFT as DRIFT,
    Answer as Answer,
    Confusion as Confusion,
    ControlOutcome as ControlOutcome,
    Count as Count,
    Curve as Curve,
    Direction as Direction,
    Distribution as Distribution,
    Diversity as Diversity,
    DiversityOutcome as DiversityOutcome,
    Evaluation as Evaluation,
    Family as Family,
    Finding as Finding,
    Floor as Floor,
    Judgement as Judgement,
    Neighbour as Neighbour,
    Outcome as Outcome,
    Pictures as Pictures,
    Point as Point,
    Score as Score,
    Severity as Severity,
    Side as Side,
    Spread as Spread,
    drift_score as drift_score,
)
from syngen.types.layout import (
    Form as Form,
    Layout as Layout,
    Nesting as Nesting,
    Path as Path,
    Spelling as Spelling,
)
from syngen.types.plan import (
    Plan as Plan,
    Slot as Slot,
    TextTarget as TextTarget,
    derive as derive,
    generator as generator,
)
from syngen.types.reference import (
    ColumnProfile as ColumnProfile,
    Derivation as Derivation,
    IdentifierPattern as IdentifierPattern,
    NumberFormat as NumberFormat,
    Profile as Profile,
    Reference as Reference,
    RULE as RULE,
    Relation as Relation,
    Role as Role,
    Term as Term,
    TextMeasures as TextMeasures,
    TextStats as TextStats,
    TimeFormat as TimeFormat,
    Value as Value,
    per_reference as per_reference,
)
from syngen.types.run import (
    Candidate as Candidate,
    Capabilities as Capabilities,
    Completion as Completion,
    Ledger as Ledger,
    Model as Model,
    Prices as Prices,
    Prompt as Prompt,
    Rejected as Rejected,
    Request as Request,
    Row as Row,
    Sampling as Sampling,
    Tokens as Tokens,
)
