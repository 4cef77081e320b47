"""`syngen fit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syngen.cli.options import Force, Json, ReferenceFile, settings_given


def fit(
    context: typer.Context,
    reference: ReferenceFile,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the fitted model: then --model fitted/NAME.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="The folder to make. [default: in the user's data folder]"
        ),
    ] = None,
    force: Force = False,
    no_measure: Annotated[
        bool, typer.Option("--no-measure", help="Do not write and evaluate rows at the end.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fit a small local model to REFERENCE, so that it writes texts like it."""
    from syngen import fitting
    from syngen.cli import show
    from syngen.cli.progress import fit_progress

    with fit_progress() as observe:
        fitted = fitting.fit(
            reference,
            name=name,
            output=output,
            force=force,
            measure=not no_measure,
            observe=observe,
            **settings_given(context),
        )
    show.fitted(fitted, as_json=as_json)
