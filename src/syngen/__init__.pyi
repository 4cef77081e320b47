"""SynGen makes synthetic data from real data with language models, and proves what it made."""

# Written by `make golden` from the signatures of the functions

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any, Literal

from syngen.api import evaluate as evaluate
from syngen.api import evaluate_run as evaluate_run
from syngen.api import list_runs as list_runs
from syngen.api import load as load
from syngen.api import open_run as open_run
from syngen.api import outcome as outcome
from syngen.api import profile as profile
from syngen.engine.preview import Preview
from syngen.engine.run import Observer
from syngen.errors import ConfigError as ConfigError
from syngen.errors import InputError as InputError
from syngen.errors import ModelError as ModelError
from syngen.errors import OutputError as OutputError
from syngen.errors import ReferenceError as ReferenceError
from syngen.errors import RunError as RunError
from syngen.errors import SynGenError as SynGenError
from syngen.fitting import Fitted
from syngen.fitting.make import Observer as FitObserver
from syngen.store.run import Run
from syngen.types import Model

__version__: str

def preview(
    reference: Any,
    n: int,
    *,
    model: str | Model | None = None,
    rows: int = 3,
    strategy: str | Sequence[str] = ("base",),
    length: str | None = None,
    complexity: str | None = None,
    diversity: str | None = None,
    steer: bool = True,
    only_with_text: bool = False,
    select: float = 1.0,
    mode: Literal["planned", "native"] = "planned",
    rows_per_call: int | None = None,
    choices: int = 1,
    show_columns: str | Sequence[str] = (),
    category: str | None = None,
    text_columns: str | Sequence[str] = (),
    roles: Mapping[str, str] = {},
    roles_file: bool = True,
    seed: int = 0,
    deterministic: bool = False,
    base_url: str | None = None,
    timeout: float | None = None,
    retry_timeout: float = 300.0,
    concurrency: int | None = None,
    max_tokens: int | None = None,
    max_cost: float | None = None,
    max_time: float | None = None,
    min_yield: float = 0.02,
) -> Preview:
    """Plan n rows, render the first prompt, generate a few rows and estimate tokens, time and cost of all.

    Args:
        reference: As for `generate`.
        n: Rows the run would generate.
        model: As for `generate`.
        rows: Rows to generate now; 0 generates none.
        strategy: Prompt strategies, separated by commas: base, diversity, complexity, length, verbalized, or your
            own: FILE.jinja, FILE.py:NAME.
        length: Words per text: match, short, long, 40, 20-60, +25%, -10.
        complexity: Reading grade: match, simple, advanced, grade:8, grade:6-9, +2.
        diversity: Diversity: match, low, high, or 0 (all alike) to 1; .5 is like the reference.
        steer: Closed-loop correction: measure the rows during the run and adjust the next requests.
        only_with_text: Plan rows with a text only; by default as many rows have none as in the reference.
        select: Oversampling factor: generate FACTOR × N rows and keep the best N.
        mode: planned: code plans each row, the model writes its texts. native: the model writes whole rows.
        rows_per_call: Rows to request per call.
        choices: Native mode: replies per prompt; some providers charge the prompt once.
        show_columns: A column that prompts state with each text; repeatable.
        category: What the data is about; stated in every prompt.
        text_columns: A column that the model writes; repeatable.
        roles: A column's role, such as age=number; repeatable. Roles: text, title, category, ordinal, count,
            number, datetime, boolean, identifier, constant, derived, empty.
        roles_file: Take the roles from REFERENCE.syngen.yaml, which profile --save writes.
        seed: Seed of the plan, the rows shown, the prompts and the sampling.
        deterministic: Make local models repeat exactly on one machine, at a fifth of the speed.
        base_url: Address of the model's server, such as http://127.0.0.1:8000/v1; never with a key.
        timeout: Seconds that one call may take.
        retry_timeout: Seconds to retry while the provider is down.
        concurrency: Maximum concurrent requests (adaptive).
        max_tokens: Stop after this many tokens, over the whole run.
        max_cost: Stop after this many US dollars, over the whole run.
        max_time: Stop after this many seconds, counted anew when a run is resumed.
        min_yield: Stop when a smaller share of the last 100 rows requested was accepted.

    Raises:
        InputError: The reference or a setting can't be used.
        ModelError: The model can't be reached or refused the request.
    """

def generate(
    reference: Any,
    n: int,
    *,
    model: str | Model | None = None,
    output: str | Path | None = None,
    run: str | Path | None = None,
    resume: bool = False,
    force: bool = False,
    excel_safe: bool = False,
    observe: Observer | None = None,
    stop: Event | None = None,
    strategy: str | Sequence[str] = ("base",),
    length: str | None = None,
    complexity: str | None = None,
    diversity: str | None = None,
    steer: bool = True,
    only_with_text: bool = False,
    select: float = 1.0,
    mode: Literal["planned", "native"] = "planned",
    rows_per_call: int | None = None,
    choices: int = 1,
    show_columns: str | Sequence[str] = (),
    category: str | None = None,
    text_columns: str | Sequence[str] = (),
    roles: Mapping[str, str] = {},
    roles_file: bool = True,
    seed: int = 0,
    deterministic: bool = False,
    base_url: str | None = None,
    timeout: float | None = None,
    retry_timeout: float = 300.0,
    concurrency: int | None = None,
    max_tokens: int | None = None,
    max_cost: float | None = None,
    max_time: float | None = None,
    min_yield: float = 0.02,
) -> Run:
    """Generate n new rows like those of a reference.

    Args:
        reference: A path, a data frame (polars, pandas, Arrow), a `datasets.Dataset`, or a loaded Reference.
        n: Number of rows. The run holds exactly this many, or says in `stopped` why not.
        model: `provider/name`, the path of a local model, or a Model.
        output: Also write the rows here, in the form of its ending (.csv, .jsonl, .parquet, .xlsx …); by default into the run folder.
        run: The run folder; by default a new one in `./runs`.
        resume: Resume the run in that folder; without `run`, the latest unfinished run with the same settings.
        force: Replace an existing output or run.
        excel_safe: Neutralise spreadsheet formulas in a CSV output.
        observe: Called with the Progress after every completion; by default a bar is drawn in notebooks.
        stop: Set it from another thread to end the run: calls in flight are dropped, accepted rows are kept
            and written, and the run can be resumed.
        strategy: Prompt strategies, separated by commas: base, diversity, complexity, length, verbalized, or your
            own: FILE.jinja, FILE.py:NAME.
        length: Words per text: match, short, long, 40, 20-60, +25%, -10.
        complexity: Reading grade: match, simple, advanced, grade:8, grade:6-9, +2.
        diversity: Diversity: match, low, high, or 0 (all alike) to 1; .5 is like the reference.
        steer: Closed-loop correction: measure the rows during the run and adjust the next requests.
        only_with_text: Plan rows with a text only; by default as many rows have none as in the reference.
        select: Oversampling factor: generate FACTOR × N rows and keep the best N.
        mode: planned: code plans each row, the model writes its texts. native: the model writes whole rows.
        rows_per_call: Rows to request per call.
        choices: Native mode: replies per prompt; some providers charge the prompt once.
        show_columns: A column that prompts state with each text; repeatable.
        category: What the data is about; stated in every prompt.
        text_columns: A column that the model writes; repeatable.
        roles: A column's role, such as age=number; repeatable. Roles: text, title, category, ordinal, count,
            number, datetime, boolean, identifier, constant, derived, empty.
        roles_file: Take the roles from REFERENCE.syngen.yaml, which profile --save writes.
        seed: Seed of the plan, the rows shown, the prompts and the sampling.
        deterministic: Make local models repeat exactly on one machine, at a fifth of the speed.
        base_url: Address of the model's server, such as http://127.0.0.1:8000/v1; never with a key.
        timeout: Seconds that one call may take.
        retry_timeout: Seconds to retry while the provider is down.
        concurrency: Maximum concurrent requests (adaptive).
        max_tokens: Stop after this many tokens, over the whole run.
        max_cost: Stop after this many US dollars, over the whole run.
        max_time: Stop after this many seconds, counted anew when a run is resumed.
        min_yield: Stop when a smaller share of the last 100 rows requested was accepted.

    Raises:
        InputError: The reference, a setting or an output can't be used.
        ModelError: The model can't be reached or refused the request; the run keeps its accepted rows.
        KeyboardInterrupt: Interrupted; the run can be resumed.
    """

def resume(
    run: str | Path,
    *,
    model: Model | None = None,
    observe: Observer | None = None,
    stop: Event | None = None,
    base_url: str | None = ...,
    timeout: float | None = ...,
    retry_timeout: float = ...,
    concurrency: int | None = ...,
    max_tokens: int | None = ...,
    max_cost: float | None = ...,
    max_time: float | None = ...,
    min_yield: float = ...,
) -> Run:
    """Resume a run until it holds exactly N rows; a complete one is left as it is.

    Args:
        run: The run folder.
        model: The model itself, when it can't be opened by the name in the manifest.
        observe: Called with the Progress after every completion.
        stop: As for `generate`.
        base_url: Address of the model's server, such as http://127.0.0.1:8000/v1; never with a key.
        timeout: Seconds that one call may take.
        retry_timeout: Seconds to retry while the provider is down.
        concurrency: Maximum concurrent requests (adaptive).
        max_tokens: Stop after this many tokens, over the whole run.
        max_cost: Stop after this many US dollars, over the whole run.
        max_time: Stop after this many seconds, counted anew when a run is resumed.
        min_yield: Stop when a smaller share of the last 100 rows requested was accepted.

    Raises:
        ConfigError: Another setting is given.
        RunError: There is no such run, or it is damaged.
        ModelError: The model can't be reached or refused the request.
    """

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
    observe: FitObserver | None = None,
    base: str = "embedded/smollm2-135m",
    minutes: float | None = 10.0,
    epochs: float = 3.0,
    method: Literal["auto", "full", "lora"] = "auto",
    private: float | None = None,
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto",
    seed: int = 0,
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
        base: The model to fit: embedded/NAME, hf/ORG/NAME, or a .gguf file.
        minutes: Train for at most this many minutes.
        epochs: Train for at most this many passes over the rows.
        method: full: train all weights but those of the vocabulary. lora: train low-rank matrices, merged at the
            end. auto: full up to 400M parameters, lora with --private.
        private: Train with differential privacy, up to this epsilon; protects single rows at a loss of quality.
        device: The device to train on: auto, cpu, cuda, mps.
        seed: Seed of the order of the rows and of the sampling.

    Returns:
        The fitted model; `model` is the id to generate with.

    Raises:
        InputError: The reference has too few rows, or a setting or the folder can't be used.
        ModelError: The base is missing or can't be trained.
        KeyboardInterrupt: Interrupted before the first evaluation; the same call resumes.
    """
