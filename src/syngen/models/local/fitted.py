"""Models fitted to a reference: `fitted/NAME`, or `fitted/PATH` of a model's folder.

A fitted model is a folder with `fit.json`, which describes it, and the weights: a GGUF, which the embedded engine opens,
or a folder as transformers saves it. Its prompt is a line of `syngen.text.conditions`. Its answer is passed on as the
JSON object that every other model is asked for.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from syngen.errors import ModelFailed, ModelNotFound
from syngen.models import ModelOptions
from syngen.models.local import open_model as open_with_transformers
from syngen.models.local.embedded import EmbeddedModel
from syngen.text import conditions
from syngen.types import Completion, Model, Request

MANIFEST = "fit.json"
PROVIDER = "fitted"


class Manifest(BaseModel):
    """The description of a fitted model, as stored in its folder."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str  # after `fitted/`
    key: str  # digest of reference, roles, base and settings: the same fit is not made twice
    created: str  # when, ISO 8601
    version: str  # of SynGen
    form: int  # of its lines, see `syngen.text.conditions.FORMAT`
    base: str  # model id of what it was made from
    base_weights: str  # identifies the weights of the base
    licence: str = ""  # of the base, as far as it is known
    files: Literal["gguf", "folder"]  # one file for the embedded engine, or as transformers saves a model
    # Which is better, this model or its base with real rows in the prompt: by what detectors say of the rows that
    # both wrote; by the loss on held-out rows where none were written
    chosen: Literal["fitted", "prompted"] = "fitted"
    source: str  # what the reference was called
    reference: str  # its digest
    roles: dict[str, str]  # by column of the reference
    rows: int  # real rows learnt from
    held_out: int  # real rows measured on
    settings: dict[str, Any]  # how it was trained
    private: dict[
        str, float
    ] = {}  # "epsilon" and "delta" of differential privacy for each row; empty without
    losses: dict[
        str, float
    ]  # nats a token of held-out texts: "prompted" (the base, shown real rows), "fitted"
    course: list[tuple[int, float, float]] = []  # at each evaluation the step, the seconds, the held-out loss
    seconds: float = 0.0  # training took
    stopped: str = ""  # why training ended; empty when the budget was used up
    scores: dict[str, dict[str, Any]] = {}  # by name: value, the same of its base and of real rows, verdict


class FittedModel:
    """A model that writes rows in the form that it was fitted on.

    Args:
        name: Full model id.
        writer: What has the weights.
    """

    def __init__(self, name: str, writer: Model) -> None:
        self.name = name
        self._writer = writer
        self.capabilities = dataclasses.replace(
            writer.capabilities, prompt_kind="record", schema=False, patterns=False
        )

    def complete(self, requests: Iterable[Request | None]) -> Iterator[Completion | None]:
        """Answer with the texts as JSON; a reply in another form is passed on as it is."""
        for completion in self._writer.complete(requests):
            if completion is None:
                yield None
            else:
                texts = conditions.read(completion.text)
                written = json.dumps(texts, ensure_ascii=False) if texts else completion.text
                yield dataclasses.replace(completion, text=written)


def home() -> Path:
    """Return the folder of fitted models in the user's data folder."""
    return platformdirs.user_data_path("syngen") / "fitted"


def weights_in(folder: Path, manifest: Manifest) -> Path:
    """Return the file or folder of the weights."""
    return folder / f"{manifest.name}.gguf" if manifest.files == "gguf" else folder / "model"


def read_manifest(folder: Path) -> Manifest:
    """Read the description of a fitted model.

    Raises:
        ModelNotFound: The folder holds no fitted model.
        ModelFailed: Its manifest is damaged.
    """
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_text("utf-8"))
    except OSError as error:
        raise ModelNotFound(
            f"There is no fitted model in {folder}.",
            "See those that are here: syngen models list; or make one: syngen fit REFERENCE",
        ) from error
    except (ValidationError, ValueError) as error:
        raise ModelFailed(
            f"What describes the fitted model in {folder} is damaged.", "Fit it again with --force."
        ) from error


def find(name: str) -> Path:
    """Return the folder of a fitted model, given its name or path.

    Raises:
        ModelNotFound: There is none.
    """
    for folder in (home() / name, Path(name).expanduser()):
        if name and (folder / MANIFEST).is_file():
            return folder
    raise ModelNotFound(
        f"There is no fitted model '{name}'.",
        f"Here are: {', '.join(m.name for m in listed()) or 'none'}. Make one with: syngen fit REFERENCE --name NAME",
    )


def listed() -> list[Manifest]:
    """Return the fitted models in the user's data folder, oldest first, without damaged ones."""
    models = []
    for manifest in home().glob(f"*/{MANIFEST}"):
        try:
            models.append(read_manifest(manifest.parent))
        except (ModelNotFound, ModelFailed):
            continue  # `open_model` says what is wrong with it
    return sorted(models, key=lambda one: (one.created, one.name))


def open_model(name: str, options: ModelOptions) -> FittedModel:
    """Open a fitted model.

    Raises:
        ModelNotFound: There is none of that name or path, or its weights are gone.
        ModelFailed: It was made for another form of lines, or can't be loaded.
    """
    folder = find(name)
    manifest = read_manifest(folder)
    if manifest.form != conditions.FORMAT:
        raise ModelFailed(
            f"fitted/{name} learnt lines of form {manifest.form}, this version of SynGen writes form {conditions.FORMAT}.",
            "Fit it again.",
        )
    path = weights_in(folder, manifest)
    if not path.exists():
        raise ModelNotFound(f"The weights of fitted/{name} are not in {folder}.", "Fit it again.")
    full = f"{PROVIDER}/{name}"
    if manifest.files == "gguf":
        return FittedModel(full, EmbeddedModel(full, path, options))
    return FittedModel(full, open_with_transformers(str(path), options, full))
