"""Fit a model to a reference: prepare the rows, train, write the weights, compare with the base."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import syngen
from syngen.config import FitConfig
from syngen.errors import ConfigError, ModelFailed, ModelNotFound, OutputError
from syngen.errors import ReferenceError as BadReference
from syngen.files import atomic
from syngen.fitting.base import Base, open_base
from syngen.fitting.compare import better, prompted_rows, written_rows
from syngen.fitting.data import Example, FitRow, Tokens, example, examples, rows_of, tokens_of
from syngen.fitting.export import MODELFILE, card, write_folder, write_gguf
from syngen.fitting.private import PrivateWeights
from syngen.fitting.train import TrainingProgress, free_cores, mean_loss, train
from syngen.fitting.weights import Budget, Weights
from syngen.models.local.fitted import MANIFEST, PROVIDER, Manifest, home, read_manifest, weights_in
from syngen.models.local.loading import check_libraries
from syngen.models.local.weights import gigabytes
from syngen.plan import train_with_text
from syngen.prompts import known_columns
from syngen.prompts.schema import MIN_P
from syngen.reference import load
from syngen.signatures import takes
from syngen.text import conditions
from syngen.types import Reference, TextTarget

BATCH, PRIVATE_BATCH = 4, 64  # rows per step; the noise of private training weighs less in large batches
MIN_ROWS = 50  # with different texts; fewer teach a model only themselves
MEASURED = 64  # held-out rows for the loss; with few rows a tenth of them, at least 16
COMPARED = 12  # of these, the rows that the prompted base is measured on: its prompts are long

Observer = Callable[[str, TrainingProgress | None], None]  # the current stage; the progress while training


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model."""

    folder: Path
    manifest: Manifest  # the contents of its `fit.json`
    reused: bool = False  # whether it was fitted by an earlier call

    @property
    def model(self) -> str:
        """The model id to generate with: this model, or its base if that does better with real rows in the prompt."""
        return self.manifest.base if self.manifest.chosen == "prompted" else self.fitted

    @property
    def fitted(self) -> str:
        """The model id of the fitted weights, better or not."""
        at_home = self.folder == home() / self.manifest.name
        return f"{PROVIDER}/{self.manifest.name if at_home else self.folder}"


@takes(FitConfig)
def fit(
    reference: Any,
    *,
    name: str | None = None,
    output: str | Path | None = None,
    force: bool = False,
    roles: Mapping[str, str] | None = None,
    text_columns: tuple[str, ...] = (),
    roles_file: bool = True,
    measure: bool = True,
    observe: Observer | None = None,
    **settings: Any,
) -> Fitted:
    """Fit a small local model to a reference, so that it writes texts like it. An equal earlier fit is reused.

    Args:
        reference: A path, a data frame, or a `Reference`. Its held-out rows are used for measuring only.
        name: The model's name; by default made of the reference's name and a digest.
        output: The folder to create; by default one in the user's data folder.
        force: Replace an existing model, and fit again.
        roles: Roles by column, see `load`.
        text_columns: Columns of free text, see `load`.
        roles_file: Take the roles saved beside the table, see `load`.
        measure: Let the model and its base write rows, score both, and choose the better one.
        observe: Called with the current stage, and while training with its progress.
        **settings: Fields of `syngen.config.FitConfig`: base, minutes, epochs, method, device, seed, …

    Returns:
        The fitted model; `model` is the id to generate with.

    Raises:
        InputError: The reference has too few rows, or a setting or the folder can't be used.
        ModelError: The base is missing or can't be trained.
        KeyboardInterrupt: Interrupted before the first evaluation; the same call resumes.
    """
    report = observe or (lambda _stage, _progress: None)
    chosen = FitConfig.of(**settings)
    real = load(reference, roles=roles, text_columns=text_columns, roles_file=roles_file)
    train_with_text(real)  # there is a text to learn
    alone = chosen.private is not None
    learnt, held_out = (rows_of(real, numbers, alone=alone) for numbers in (real.train, real.held_out))
    if (different := len(learnt) + len(held_out)) < MIN_ROWS:
        raise BadReference(
            f"{real.source} has {different} different texts; fitting needs at least {MIN_ROWS}.",
            "Add rows, or generate without --fit: the model is then shown real rows in its prompt.",
        )
    # All that two equal fits have in common.
    parts = [real.digest, _roles(real), chosen.model_dump(exclude={"device"}), conditions.FORMAT]
    key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    folder = _folder(real, key, name, Path(output).expanduser().resolve() if output else None, force=force)
    if not force and (folder / MANIFEST).is_file():
        earlier = read_manifest(folder)
        if earlier.key == key and weights_in(folder, earlier).exists():
            return Fitted(folder, earlier, reused=True)
    check_libraries()
    if chosen.private:
        check_libraries(["opacus"], "private", "Fits with differential privacy")
    with free_cores():
        manifest = _trained(real, chosen, learnt, held_out, folder, key, report)
    _keep(folder, manifest, real)
    shutil.rmtree(folder / "training", ignore_errors=True)
    if measure:
        report("measuring rows of the model and of its base", None)
        scores = written_rows(real, f"{PROVIDER}/{folder}", manifest.base)
        choice = manifest.chosen if chosen.private else better(scores) or manifest.chosen
        manifest = manifest.model_copy(update={"scores": scores, "chosen": choice})
        _keep(folder, manifest, real)
    return Fitted(folder, manifest)


def _roles(real: Reference) -> dict[str, str]:
    return {c.name: c.role.value for c in real.profile.columns}


def _folder(real: Reference, key: str, name: str | None, output: Path | None, *, force: bool) -> Path:
    """Return the model's folder; an existing one must be of the same fit, unless `force` replaces it."""
    if name is not None and (not name or name.strip(". ") != name or set(name) & set('/\\:*?"<>|\n')):
        raise ConfigError(f"'{name}' can't be a model's name.", "Use a --name that is valid as a file name.")
    stem = Path(real.source).name.split(".")[0].replace(" ", "-") or "table"
    folder = output or home() / (name or f"{stem}-{key[:8]}")
    if not folder.exists() or (folder / "training" / key[:16]).is_dir():
        return folder
    try:
        same = read_manifest(folder).key == key
    except ModelFailed:
        if not force:
            raise
        same = False
    except ModelNotFound:
        same = not any(folder.iterdir())
        if not same and not (folder / "training").is_dir():
            raise OutputError(
                f"The folder {folder} is not empty and holds no fitted model.", "Use another -o."
            ) from None
    if same:
        return folder
    if not force:
        raise OutputError(
            f"{folder} holds another fitted model.", "Use another --name or -o, or replace it with --force."
        )
    shutil.rmtree(folder)
    return folder


def _trained(
    real: Reference,
    settings: FitConfig,
    learnt: list[FitRow],
    held_out: list[FitRow],
    folder: Path,
    key: str,
    report: Observer,
) -> Manifest:
    """Train, and write the weights."""
    report(f"loading {settings.base}", None)
    base = open_base(settings)
    measured = held_out[: min(MEASURED, max(16, len(learnt) // 10))]
    report(f"measuring {base.name} without fitting", None)
    asked = prompted_rows(real, measured[:COMPARED], base, settings.seed)
    losses = {"prompted": mean_loss(base.model, asked, size=2)}

    def tokens(rows: list[Example]) -> list[Tokens]:
        return [tokens_of(row, base.tokenizer, special=base.special, room=base.room) for row in rows]

    held = tokens([example(row) for row in measured])
    size = settings.batch or (min(PRIVATE_BATCH, max(1, len(learnt) // 2)) if settings.private else BATCH)
    budget = Budget(settings.minutes, settings.epochs, base.rate, size, settings.seed, key)
    weights = (
        PrivateWeights(base.model, budget, len(learnt), settings.private)
        if settings.private
        else Weights(base.model, budget)
    )
    report(f"training on {len(learnt):,} rows with about {gigabytes(base.memory)} of memory", None)
    course = train(
        weights,
        lambda epoch: tokens(examples(learnt, settings.seed, epoch)),
        held,
        folder / "training" / key[:16],
        observe=lambda course: report("training", course),
        sample=lambda: _sample(base, example(held_out[0])[0]),
    )
    losses["fitted, the same rows"] = mean_loss(base.model, held[:COMPARED])
    losses["fitted"] = course.best
    lower = losses["fitted, the same rows"] < losses["prompted"]
    manifest = Manifest(
        name=folder.name,
        key=key,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        version=syngen.__version__,
        form=conditions.FORMAT,
        base=base.name,
        base_weights=base.weights,
        licence=base.licence,
        files="folder" if base.gguf is None else "gguf",
        chosen="fitted" if settings.private or lower else "prompted",
        source=Path(real.source).name,
        reference=real.digest,
        roles=_roles(real),
        rows=len(learnt),
        held_out=len(held_out),
        settings={**settings.model_dump(), "method": base.method, "rate": base.rate, "batch": size},
        private=weights.promised,
        losses=losses,
        course=course.held_out,
        seconds=round(course.seconds, 1),
        stopped=course.stopped,
    )
    report("writing the weights", None)
    target = weights_in(folder, manifest)
    model = base.model
    if base.method == "lora":
        if base.gguf is None:  # the adapter alone too, for servers that take one
            model.save_pretrained(str(folder / "adapter"))
        model = model.merge_and_unload()
    if base.gguf is None:
        write_folder(model, base.tokenizer, target)
    else:
        write_gguf(model, base.gguf, target, manifest.name)
    return manifest


def _sample(base: Base, line: str) -> str:
    """Let the model write a text in its present state."""
    import torch

    ids = base.tokenizer.encode(line, add_special_tokens=base.special, return_tensors="pt").to(
        base.model.device
    )
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(0)
        written = base.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=48,
            do_sample=True,
            min_p=MIN_P,
            pad_token_id=base.tokenizer.eos_token_id,
        )
    text = base.tokenizer.decode(written[0, ids.shape[1] :], skip_special_tokens=True)
    return conditions.without_marks(str(text))


def _keep(folder: Path, manifest: Manifest, real: Reference) -> None:
    """Write the files besides the weights; the manifest last: a folder without one is not a model."""
    # The example in the card is invented, of the most common values.
    stated = [column.name for column in known_columns(real)]
    known = {c.name: c.values[0][0] for c in real.profile.columns if c.values and c.name in stated}
    line = conditions.line(known, {c.name: TextTarget(40) for c in real.profile.written})
    (folder / "README.md").write_text(card(manifest, line), "utf-8")
    if manifest.files == "gguf":
        modelfile = MODELFILE.format(file=f"{manifest.name}.gguf", min_p=MIN_P)
        (folder / "Modelfile").write_text(modelfile, "utf-8")
    with atomic(folder / MANIFEST) as part:
        part.write_text(manifest.model_dump_json(indent=2), "utf-8")
