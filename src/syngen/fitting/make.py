"""Fitting from one end to the other: a reference comes in, a folder with a model that writes like it goes out."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from syngen.errors import ConfigError, ModelFailed, ModelNotFound, OutputError
from syngen.errors import ReferenceError as BadReference
from syngen.files import atomic
from syngen.fitting import rows as fit_rows
from syngen.fitting.base import Base, open_base
from syngen.fitting.baseline import prompted
from syngen.fitting.batches import tokens_of
from syngen.fitting.card import card, modelfile
from syngen.fitting.compare import better, judged
from syngen.fitting.private import PrivateWeights, check_opacus
from syngen.fitting.rows import FitRow
from syngen.fitting.settings import Budget, Settings
from syngen.fitting.train import Course, free_cores, mean_loss, train
from syngen.fitting.weights import Weights
from syngen.models.local.fitted import MANIFEST, PROVIDER, Manifest, home, read_manifest, weights_in
from syngen.models.local.loading import check_libraries
from syngen.models.manage.catalogue import gigabytes
from syngen.plan import require_text
from syngen.prompts import known_columns
from syngen.prompts.schema import MIN_P
from syngen.reference import load
from syngen.text import conditions
from syngen.types import Reference, TextTarget

BATCH, PRIVATE_BATCH = 4, 64  # rows a step; the more, the less the noise weighs
FEWEST = 50  # rows of different texts; fewer teach a model nothing but themselves
MEASURED = 64  # held-out rows that the loss is taken on; of few rows a tenth, but 16
COMPARED = 12  # of these, with real rows in the prompt: such prompts are long

Observer = Callable[[str, "Course | None"], None]  # what is being done, and how training goes


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model.

    Attributes:
        folder: Where it is.
        manifest: What it is.
        reused: Whether it was there already.
    """

    folder: Path
    manifest: Manifest
    reused: bool = False

    @property
    def model(self) -> str:
        """What to give as `model`: this one, or its base where that with real rows in its prompt does better."""
        return self.manifest.base if self.manifest.chosen == "prompted" else self.fitted

    @property
    def fitted(self) -> str:
        """The model id of the fitted weights, whether they are the better choice or not."""
        at_home = self.folder == home() / self.manifest.name
        return f"{PROVIDER}/{self.manifest.name if at_home else self.folder}"


def fit(
    reference: Any,
    *,
    name: str | None = None,
    output: str | Path | None = None,
    force: bool = False,
    roles: Mapping[str, str] | None = None,
    text_columns: tuple[str, ...] = (),
    measure: bool = True,
    observe: Observer | None = None,
    **settings: Any,
) -> Fitted:
    """Fit a small local model to a reference, so that it writes like it; one that was fitted before is reused.

    Args:
        reference: A path, a data frame, or what `load` gave. Its held-out rows only measure.
        name: What to call the model; by default after the reference and what it is made with.
        output: The folder to make; by default one in the user's data folder.
        force: Replace a model that is there, and fit again what was fitted before.
        roles: Roles by column, see `load`.
        text_columns: Columns of free text, see `load`.
        measure: Also write rows with it and with its base, measure them, and choose by that.
        observe: Told what is being done, and how training goes.
        **settings: Fields of `syngen.fitting.settings.Settings`: base, minutes, epochs, method, device, seed, …

    Raises:
        InputError: The reference has too few rows, or a setting or the folder can't be used.
        ModelError: The base is not here or can't be trained.
        KeyboardInterrupt: Interrupted before anything was learnt; the same call goes on where it stopped.
    """
    tell = observe or (lambda _what, _course: None)
    chosen = Settings.of(**settings)
    real = load(reference, roles=roles, text_columns=text_columns)
    require_text(real)
    learnt, held_out = _rows(real, alone=chosen.private is not None)
    key = _key(real, chosen)
    folder = _folder(real, key, name, Path(output).expanduser().resolve() if output else None, force=force)
    if not force and (there := _there(folder, key)) is not None:
        return Fitted(folder, there, reused=True)
    check_libraries()
    if chosen.private:
        check_opacus()
    with free_cores():
        manifest, example = _made(real, chosen, learnt, held_out, folder, key, tell)
    _keep(folder, manifest, example)
    shutil.rmtree(folder / "training", ignore_errors=True)
    if measure:
        tell("measuring what it writes, and what its base does", None)
        scores = judged(real, f"{PROVIDER}/{folder}", manifest.base)
        told = {
            "scores": scores,
            "chosen": manifest.chosen if chosen.private else better(scores) or manifest.chosen,
        }
        manifest = manifest.model_copy(update=told)
        _keep(folder, manifest, example)
    return Fitted(folder, manifest)


def _rows(real: Reference, *, alone: bool) -> tuple[list[FitRow], list[FitRow]]:
    """Rows to learn from, and rows to measure on."""
    learnt, held_out = (
        fit_rows.rows_of(real, numbers, alone=alone) for numbers in (real.train, real.held_out)
    )
    if len(learnt) + len(held_out) < FEWEST:
        raise BadReference(
            f"{real.source} has {len(learnt) + len(held_out)} different texts; from fewer than {FEWEST} a model "
            "learns those texts and nothing else.",
            "Show them in prompts instead: syngen generate without --fit; or give more rows.",
        )
    return learnt, held_out


def _key(real: Reference, settings: Settings) -> str:
    """What makes two fits the same."""
    roles = {c.name: c.role.value for c in real.profile.columns}
    told = [real.digest, roles, settings.model_dump(exclude={"device"}), conditions.FORMAT]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _folder(real: Reference, key: str, name: str | None, output: Path | None, *, force: bool) -> Path:
    """Where the model goes; what stands there must be of the same fit, or may be replaced."""
    if name is not None and (not name or name.strip(". ") != name or set(name) & set('/\\:*?"<>|\n')):
        raise ConfigError(f"A model can't be called '{name}'.", "Give a --name that can be a file's.")
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
            raise OutputError(f"The folder {folder} holds something else.", "Give another -o.") from None
    if same:
        return folder
    if not force:
        raise OutputError(
            f"There is another fitted model in {folder}.", "Give another --name or -o, or replace it: --force"
        )
    shutil.rmtree(folder)
    return folder


def _there(folder: Path, key: str) -> Manifest | None:
    """The finished model of the same fit."""
    try:
        manifest = read_manifest(folder)
    except ModelNotFound:
        return None
    return manifest if manifest.key == key and weights_in(folder, manifest).exists() else None


def _made(
    real: Reference,
    settings: Settings,
    learnt: list[FitRow],
    held_out: list[FitRow],
    folder: Path,
    key: str,
    tell: Observer,
) -> tuple[Manifest, str]:
    """Train and write the weights."""
    tell(f"loading {settings.base}", None)
    base = open_base(settings)
    special = base.gguf is None  # see `models.embedded` and `models.huggingface`: how they are asked
    measured = held_out[: min(MEASURED, max(16, len(learnt) // 10))]
    compared = measured[:COMPARED]
    tell(f"asking {base.name} without fitting it", None)
    asked = prompted(real, compared, base.tokenizer, settings.seed, special=special, room=base.room)
    losses = {"prompted": mean_loss(base.model, asked, size=2)}

    def tokens(examples: list[fit_rows.Example]) -> list[Any]:
        return [tokens_of(one, base.tokenizer, special=special, room=base.room) for one in examples]

    held = tokens([fit_rows.example(row) for row in measured])
    size = settings.batch or (min(PRIVATE_BATCH, max(1, len(learnt) // 2)) if settings.private else BATCH)
    budget = Budget(settings.minutes, settings.epochs, base.rate, size, settings.seed, key)
    weights = (
        PrivateWeights(base.model, budget, len(learnt), settings.private)
        if settings.private
        else Weights(base.model, budget)
    )
    tell(f"training on {len(learnt):,} rows, in about {gigabytes(base.memory)} of memory", None)
    course = train(
        weights,
        lambda number: tokens(fit_rows.examples(learnt, settings.seed, number)),
        held,
        budget,
        folder / "training" / key[:16],
        observe=lambda course: tell("training", course),
        sample=lambda: _sample(base, fit_rows.example(held_out[0]).line, special=special),
    )
    losses["fitted, the same rows"] = mean_loss(base.model, held[:COMPARED])
    losses["fitted"] = course.best
    manifest = Manifest(
        name=folder.name,
        key=key,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        version=_version(),
        form=conditions.FORMAT,
        base=base.name,
        base_weights=base.weights,
        licence=base.licence,
        files="folder" if base.gguf is None else "gguf",
        chosen="fitted"
        if settings.private or losses["fitted, the same rows"] < losses["prompted"]
        else "prompted",
        source=Path(real.source).name,
        reference=real.digest,
        roles={c.name: c.role.value for c in real.profile.columns},
        rows=len(learnt),
        held_out=len(held_out),
        settings={**settings.model_dump(), "method": base.method, "rate": base.rate, "batch": size},
        private=weights.promised,
        losses=losses,
        course=course.held_out,
        seconds=round(course.seconds, 1),
        stopped=course.stopped,
    )
    tell("writing the weights", None)
    _write_weights(base, folder, manifest)
    return manifest, _made_up_line(real)


def _write_weights(base: Base, folder: Path, manifest: Manifest) -> None:
    """The weights in the form of the base; of the Hugging Face form also LoRA's alone, for servers that take them."""
    from syngen.fitting.base import merged
    from syngen.fitting.export import write_folder, write_gguf

    if base.method == "lora" and base.gguf is None:
        base.model.save_pretrained(str(folder / "adapter"))
    model = merged(base)
    if base.gguf is None:
        write_folder(model, base.tokenizer, weights_in(folder, manifest))
    else:
        write_gguf(model, base.gguf, weights_in(folder, manifest), manifest.name)


def _sample(base: Base, line: str, *, special: bool) -> str:
    """What the model writes for a line as it is now."""
    import torch

    ids = base.tokenizer.encode(line, add_special_tokens=special, return_tensors="pt").to(base.model.device)
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


def _made_up_line(real: Reference) -> str:
    """A line such as the model knows, from what is most common in the reference."""
    known = {
        c.name: c.values[0][0] for c in real.profile.columns if c.values and c.name in known_columns(real)
    }
    return conditions.line(known, {c.name: TextTarget(40) for c in real.profile.written})


def _keep(folder: Path, manifest: Manifest, example: str) -> None:
    """Write what is beside the weights; the manifest last, whole: a folder without it is no model."""
    (folder / "README.md").write_text(card(manifest, example), "utf-8")
    if manifest.files == "gguf":
        (folder / "Modelfile").write_text(modelfile(manifest), "utf-8")
    with atomic(folder / MANIFEST) as part:
        part.write_text(manifest.model_dump_json(indent=2), "utf-8")


def _version() -> str:
    from syngen import __version__

    return __version__
