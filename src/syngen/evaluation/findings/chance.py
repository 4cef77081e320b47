"""Would real rows do it too? Counts of real and synthetic rows in, yes or no out.

Every rule that finds fault is held against the real rows first: what happens among them as often is
no finding. The bounds are strict, because some thirty rules look at each of a dozen columns.
"""

from __future__ import annotations

import math

RARE = 5e-4  # a difference that chance makes more often is none
FACTOR = 1.5  # real rows come in clusters: what happens hardly more often is no difference either
NEVER = 0.05  # where real rows never do it, chance of so many that is still a difference
ENOUGH = 200  # real rows that never do what texts and tables hardly ever do: others won't either


def more_often(count: int, of: int, real: float, of_real: int) -> bool:
    """Whether something happens more often in synthetic rows than in real ones.

    Fisher's exact test, one-sided, and half as often again (Fisher 1935; the hypergeometric tail).

    Args:
        count: Synthetic rows in which it happens.
        of: Synthetic rows.
        real: Real rows in which it happens; a fraction is rounded up.
        of_real: Real rows.
    """
    return p_more_often(count, of, real, of_real) < RARE and count * of_real > FACTOR * real * of


def p_more_often(count: int, of: int, real: float, of_real: int) -> float:
    """How likely chance alone puts so many of all that happens into the synthetic rows."""
    from scipy.stats import hypergeom

    happened = min(math.ceil(real), of_real) + count
    return float(hypergeom.sf(count - 1, of + of_real, happened, of)) if count else 1.0


def unusual(
    count: int, of: int, real: float, of_real: int, *, hardly_ever: bool = False, never: float = NEVER
) -> bool:
    """Whether something is a finding: real rows do it less often, or never.

    Args:
        count: Synthetic rows in which it happens.
        of: Synthetic rows.
        real: Real rows in which it happens.
        of_real: Real rows.
        hardly_ever: It is such that one case says enough where 200 real rows have none.
        never: Where real rows have none, how likely chance may be at most.
    """
    if not count or more_often(count, of, real, of_real):
        return count > 0
    enough = hardly_ever and of_real >= ENOUGH
    return not real and (enough or p_more_often(count, of, real, of_real) < never)
