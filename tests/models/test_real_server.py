"""A real server that speaks the OpenAI chat API, with a real model: `transformers serve` and SmolLM2."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import syngen
from syngen.models import ModelOptions, open_model
from syngen.models.local import weights
from syngen.models.testing import answers
from syngen.types import Prompt, Reference, Request, Sampling
from waiting import until

pytestmark = pytest.mark.slow

WRITE_OUT = """
import sys
from transformers import AutoModelForCausalLM, AutoTokenizer
folder, file, out = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype="float32")
model.config.architectures = [type(model).__name__]
del model.config.quantization_config  # the weights are whole now
model.is_quantized, model.hf_quantizer = False, None
model.save_pretrained(out)
AutoTokenizer.from_pretrained(folder, gguf_file=file).save_pretrained(out)
"""


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """SmolLM2 as a folder that transformers serves; its server can't read the GGUF file."""
    file, out = weights.find(), tmp_path_factory.mktemp("smollm2")
    subprocess.run(
        [sys.executable, "-c", WRITE_OUT, file.parent, file.name, out], check=True, capture_output=True
    )
    yield out
    shutil.rmtree(out)  # half a gigabyte


def answers_at(port: int) -> bool:
    """Whether the server is ready."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
    except (urllib.error.URLError, TimeoutError):
        return False
    return True


@pytest.fixture(scope="module")
def url(smollm2: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("transformers"), "serve", smollm2, "--host", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, "--port", str(port)],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: server.poll() is not None or answers_at(port), 180)
        assert server.poll() is None, "transformers serve ended"
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:  # on a busy machine it takes long to let go of its model
            server.kill()
            server.wait()


def test_it_answers_although_it_refuses_settings_and_says_so_in_a_form_of_its_own(
    url: str, smollm2: Path
) -> None:
    model = open_model(str(smollm2), ModelOptions(base_url=url, concurrency=2))
    prompt = Prompt("chat", "Write one sentence on a kettle.", "You write short reviews.")
    requests = [Request(prompt, Sampling(max_tokens=24, seed=i), model.name, (i,), 0, 1) for i in range(3)]
    got = answers(model, requests)
    assert sorted(c.request.slots[0] for c in got) == [0, 1, 2]
    assert all(c.text.strip() and c.error == "" for c in got)
    assert all(20 < c.prompt_tokens < 60 and 0 < c.completion_tokens <= 24 for c in got)


def test_a_run_against_it_ends_as_stated_and_adds_up(url: str, smollm2: Path, reference: Reference) -> None:
    """So small a model seldom gives JSON when nothing holds it to it: what counts is that the run says so."""
    run = syngen.generate(reference, 2, model=str(smollm2), base_url=url, max_time=60, concurrency=2)
    assert run.exact or "time limit" in run.stopped
    assert run.ledger.returned == run.ledger.accepted + sum(
        count for code, count in run.ledger.rejected.items() if not code.startswith("call.")
    )
