"""What goes beside fitted weights for people: a model card, and what Ollama needs to serve them."""

from __future__ import annotations

from syngen.models.local.fitted import Manifest
from syngen.prompts.schema import MIN_P
from syngen.text.format import number

MODELFILE = '''FROM ./{file}
TEMPLATE """{{{{ .Prompt }}}}"""
PARAMETER temperature 1
PARAMETER min_p {min_p}
PARAMETER repeat_penalty 1
'''


def modelfile(manifest: Manifest) -> str:
    """A Modelfile. The model is given a record's first line as it is: it knows no chat."""
    return MODELFILE.format(file=f"{manifest.name}.gguf", min_p=MIN_P)


def card(manifest: Manifest, example: str) -> str:
    """The model card, as README.md.

    Args:
        manifest: Of the model.
        example: A made-up line as it wants to be asked with; no real row's.
    """
    front = f"---\nlicense: {manifest.licence}\n---\n\n" if manifest.licence else ""
    losses = "".join(f"| held-out loss, {name} | {loss:.3f} |\n" for name, loss in manifest.losses.items())
    scores = "".join(
        f"| {name.replace('_', ' ')} | {number(score['value'])} | {number(score['prompted'])} | {number(score['real'])} |\n"
        for name, score in manifest.scores.items()
    )
    promise = manifest.private
    private = (
        f"| differential privacy of a row | epsilon {promise['epsilon']:.2f}, delta {promise['delta']:.1e} |\n"
        if promise
        else ""
    )
    measured = f"\n| of rows written | fitted | base | real |\n|---|---|---|---|\n{scores}" if scores else ""
    return f"""{front}# {manifest.name}

{manifest.base}, fitted with SynGen {manifest.version} on {manifest.created[:10]} to write texts like those of one table.

| | |
|---|---|
| base | {manifest.base} ({manifest.base_weights}) |
| licence of the base | {manifest.licence or "see there"} |
| data | {manifest.source}, sha256:{manifest.reference} |
| rows learnt from | {manifest.rows:,}, repeated texts left out |
| rows held out | {manifest.held_out:,} |
| training | {manifest.seconds:.0f} s{", " + manifest.stopped if manifest.stopped else ""} |
{private}{losses}{measured}
The weights have learnt from real rows: whatever licence and whatever duties come with the data come with them. A
model of this size can write down what it was taught; SynGen checks every row it makes against the real ones, other
programs do not. Share rows that SynGen made, not the model, unless you may share the data.

It knows no chat. It is asked with a line such as

    {example.strip()}

and answers with a line `name: text` for each text. A tab and a number in it count down the tens of words that
are left; a line break is written as ¶.
In SynGen: `syngen generate REFERENCE -n 500 --model fitted/{manifest.name}`.
"""
