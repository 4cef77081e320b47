"""Say before a run what its user should know: what is copied, and what is too much for a model."""

from __future__ import annotations

import shlex

import numpy as np

from syngen.config import DEFAULT_MODEL, RunConfig
from syngen.plan import control_targets
from syngen.prompts import PromptContext, ask_natively
from syngen.prompts.schema import native_sampling
from syngen.reference.copied import copied_columns
from syngen.text.format import listed
from syngen.types import Reference

# Words of one text that a model seldom exceeds. Of 11 accepted texts of the embedded one, where 166 to 825 words were
# wanted, half had at most 130 and the longest 215.
REACH = {DEFAULT_MODEL: 200}
CHARACTERS = 3.5  # a token, of a table
MANY = 6  # columns that a model writes
ROOMY = 4_000  # tokens of one call that small models can still read and write


def remarks(reference: Reference, config: RunConfig) -> tuple[str, ...]:
    """Return sentences on what a run copies from the real rows, and on calls too large for small models."""
    found = [column.sentence for column in copied_columns(reference.profile)]
    written = [column.name for column in reference.profile.written]
    if len(written) > MANY and config.mode == "planned":
        others = [name for name in written if name != reference.profile.main]
        found.append(
            f"The model writes {len(written)} columns, which makes long calls: {listed(written, most=6)}. Give those "
            f"that are labels another role, such as --role {shlex.quote(f'{others[0]}=category')}."
        )
    found += _too_long(reference, config)
    if config.mode == "native" and reference.profile.main:
        context = PromptContext(reference, "", "chat", config.seed, only_with_text=config.only_with_text)
        read = len(ask_natively(context, config.rows_each, 0).user) / CHARACTERS
        reply = native_sampling(context, config.rows_each, 0).max_tokens
        if read + reply > ROOMY:
            found.append(
                f"In native mode the model reads and writes all {reference.frame.width} columns: about "
                f"{read:,.0f} + {reply:,} tokens a call, more than small models can hold. Lower --rows-per-call, "
                "or remove --mode native."
            )
    return tuple(found)


def _too_long(reference: Reference, config: RunConfig) -> list[str]:
    """Say that a model is known to write shorter texts than wanted."""
    reach, main = REACH.get(config.model), reference.profile.main
    if reach is None or not main:
        return []
    wanted = control_targets(reference, main, reference.train, config.control_settings)[0]
    if np.isnan(wanted).all() or (words := float(np.nanmedian(wanted))) <= reach:
        return []
    said = (
        f"Texts of {words:,.0f} words are wanted (median), and {config.model} seldom writes more than {reach}. Use a "
        "larger --model, fit it to the reference with --fit, or ask for shorter texts with --length 100."
    )
    return [said]
