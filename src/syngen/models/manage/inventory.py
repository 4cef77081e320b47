"""List what can be used on this machine, and what the rest needs.

Servers on this machine, the Ollama server and endpoints of one's own are asked, all at the same time; clouds are
never asked, only whether their key is set. Keys themselves never come out.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from syngen.errors import SynGenError
from syngen.models import PROVIDERS, keys
from syngen.models.endpoints import HOSTS, Host, connections
from syngen.models.local import fitted, loading, weights
from syngen.models.providers import ollama
from syngen.models.providers.cohere import KEYS
from syngen.text.format import listed

PATIENCE = 1.5  # seconds for one question to a server
LONGEST = 2.2  # seconds for all of them; looking up a name can take longer than any time-out

STARTS: Mapping[str, str] = {
    "vllm": "vllm serve NAME",
    "sglang": "sglang serve --model-path NAME",
    "llamacpp": "llama-server -m FILE.gguf",
    "lmstudio": "lms server start",
}

_WRITERS = ("CausalLM", "LMHeadModel", "ConditionalGeneration")  # how the names of their architectures end


@dataclass(frozen=True, slots=True)
class Usable:
    """What one provider offers on this machine."""

    provider: str  # what stands before the slash of a model's id
    usable: bool
    what: str  # what there is, or what is missing
    hint: str = ""  # what to do to use it, or more of it; empty when there is nothing to do
    models: tuple[str, ...] = ()  # the ids of the models it has, as far as it lists them


def inventory(connections_file: str = "") -> list[Usable]:
    """Return every provider: servers, Hugging Face, clouds, embedded and fitted models, configured endpoints.

    Args:
        connections_file: A file with endpoints, see `syngen.models.endpoints`.

    Raises:
        ConfigError: A file with endpoints can't be read.
    """
    built_in = {*PROVIDERS, *HOSTS}  # an endpoint cannot take a name of these
    own = {n: host for n, host in connections(connections_file).endpoints.items() if n not in built_in}
    local = {name: host for name, host in HOSTS.items() if not host.key}
    for name in ("ollama", "huggingface_hub"):  # before the clock starts
        importlib.import_module(name)
    answers = _all_at_once(
        {
            "ollama": partial(ollama.models_here, timeout=PATIENCE),
            "hf": _hub_cache,
            **{f"host/{name}": partial(_served, host) for name, host in (local | own).items()},
        }
    )
    installed = [point for point in entry_points(group="syngen.models") if point.name not in built_in]
    return [
        _ollama(answers["ollama"]),
        _hf(answers["hf"]),
        _cohere(),
        _embedded(),
        _listed(
            "fitted", [one.name for one in fitted.listed()], "no model fitted yet", "syngen fit REFERENCE"
        ),
        Usable("function", True, "a Python function of yours: function/MODULE:NAME"),
        *(_cloud(name, host.key) for name, host in HOSTS.items() if host.key),
        *(_host(name, host, answers[f"host/{name}"]) for name, host in (local | own).items()),
        *(
            Usable(point.name, True, f"installed: {point.dist.name} {point.dist.version}")
            for point in installed
            if point.dist
        ),
    ]


def _listed(provider: str, models: Sequence[str], missing: str, fix: str, what: str = "") -> Usable:
    """Describe a provider that can be used when it has a model."""
    if not models:
        return Usable(provider, False, missing, fix)
    what = what or listed(models, 3)
    return Usable(provider, True, what, models=tuple(f"{provider}/{name}" for name in models))


def _ollama(answer: Any) -> Usable:
    if isinstance(answer, SynGenError):
        away = answer.hint.startswith("start")
        what = f"no server at {_short(ollama.url_of(None))}" if away else answer.message
        return Usable("ollama", False, what, answer.hint)
    shown = []
    for one in answer:
        details = one.details and (one.details.parameter_size, one.details.quantization_level)
        size = ", ".join(filter(None, details or ()))
        shown.append(f"{one.model} ({size})" if size else one.model)
    return _listed(
        "ollama",
        [one.model for one in answer],
        "the server answers, without any model",
        "syngen models pull ollama/qwen3:0.6b",
        listed(shown, 3),
    )


def _hf(answer: Any) -> Usable:
    lacks = [name for name in loading.NEEDED if importlib.util.find_spec(name) is None]
    if lacks:
        return Usable("hf", False, f"needs {', '.join(lacks)}", "pip install 'syngen-text[hf]'")
    if isinstance(answer, SynGenError):
        return Usable("hf", True, f"the hub's cache can't be looked through: {answer.message}")
    if not answer:
        return Usable("hf", True, "no model in the hub's cache yet", "syngen models pull hf/ORG/NAME")
    return Usable("hf", True, listed(answer, 3), models=tuple(f"hf/{name}" for name in answer))


def _cohere() -> Usable:
    if importlib.util.find_spec("cohere") is None:
        return Usable("cohere", False, "needs the package cohere", "pip install 'syngen-text[cohere]'")
    return _cloud("cohere", *reversed(KEYS))


def _embedded() -> Usable:
    here = [name for name in (weights.NAME, *weights.ENTRIES) if weights.is_here(name)]
    what = f"{', '.join(here)}; any .gguf file or OpenVINO folder by its path"
    return _listed("embedded", here, "no weights here yet", "syngen models pull", what)


def _cloud(name: str, *variables: str) -> Usable:
    """Describe a cloud provider; only whether its key is set is known."""
    if name == "openai" and (address := os.environ.get("OPENAI_BASE_URL")):
        return Usable(name, True, f"whatever answers at {_short(address)}")
    if keys.find_key(*variables) is None:
        return Usable(name, False, "no key", f"set {variables[0]}")
    return Usable(name, True, "key set")


def _host(name: str, host: Host, answer: Any) -> Usable:
    """Describe a server with the OpenAI chat API by the models that it listed, or by the error."""
    named = [host.key] if host.key else []
    named += [variable for value in host.headers.values() for variable in keys.names_in(value)]
    for variable in named:
        if keys.find_key(variable) is None:
            return Usable(name, False, "no key", f"set {variable}")
    if isinstance(answer, SynGenError):
        fix = f"start: {STARTS[name]}" if name in STARTS else "start it, or fix its base_url"
        return Usable(name, False, f"no server at {_short(host.base_url)}", fix)
    if answer is None:
        return Usable(name, True, f"answers at {_short(host.base_url)}, lists no models")
    what = listed(answer, 3) if answer else "answers, without any model"
    return Usable(name, True, what, models=tuple(f"{name}/{one}" for one in answer))


def _served(host: Host) -> list[str] | None:
    """Ask a server for its models; None when it answers with an error. Redirects are not followed."""
    import httpx

    key = keys.find_key(host.key) if host.key else None
    headers = {"User-Agent": "syngen"} | ({"Authorization": f"Bearer {key}"} if key else {})
    answer = httpx.get(f"{host.base_url}/models", headers=headers, timeout=PATIENCE)
    return [model["id"] for model in answer.json()["data"]] if answer.is_success else None


def _hub_cache() -> list[str]:
    """Return the text models in the hub's cache: `ORG/NAME`, or `ORG/NAME/FILE.gguf`."""
    from huggingface_hub import constants, scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    try:
        repos = [repo for repo in scan_cache_dir(constants.HF_HUB_CACHE).repos if repo.repo_type == "model"]
    except CacheNotFound:
        return []
    names = set()
    for repo in repos:
        for revision in repo.revisions:
            if _writes(revision.snapshot_path):
                names.add(repo.repo_id)
            names.update(f"{repo.repo_id}/{file.name}" for file in revision.snapshot_path.glob("*.gguf"))
    return sorted(names)


def _writes(snapshot: Path) -> bool:
    """Whether a folder holds a text-generating model with weights."""
    try:
        config = json.loads((snapshot / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    weighty = any(snapshot.glob("*.safetensors")) or any(snapshot.glob("*.bin"))
    return weighty and any(kind.endswith(_WRITERS) for kind in config.get("architectures") or [])


def _all_at_once(questions: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """Ask all questions in parallel; return each answer or the reason for none, without waiting for late ones."""
    answers: dict[str, Any] = dict.fromkeys(questions, SynGenError(f"no answer within {LONGEST:g} s"))

    def ask(name: str, question: Callable[[], Any]) -> None:
        try:
            answers[name] = question()
        except SynGenError as error:
            hint = error.hint[:1].lower() + error.hint[1:].rstrip(".")
            answers[name] = SynGenError(error.message.rstrip("."), hint)
        except Exception as error:  # noqa: BLE001 - of someone else's server or cache; the others still count
            answers[name] = SynGenError(keys.scrub(f"{type(error).__name__}: {error}"))

    threads = [threading.Thread(target=ask, args=asked, daemon=True) for asked in questions.items()]
    ends = time.monotonic() + LONGEST
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))
    return dict(answers)


def _short(address: str) -> str:
    """Return host and port of an address; the rest may hold a secret."""
    return urlsplit(address if "//" in address else f"//{address}").netloc.rpartition("@")[2]
