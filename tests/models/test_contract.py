"""One contract for all models: what `syngen.models.testing` asks, over every provider there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from servers import cohere_server, ollama_server, openai_server
from servers.cohere_server import CohereServer
from servers.loopback import Trouble, serve
from servers.ollama_server import OllamaServer, Pulled
from servers.openai_server import OpenAIServer
from syngen.models import DEFAULT, ModelOptions, open_model
from syngen.models.providers.function import FunctionModel
from syngen.models.testing import ModelContract, RemoteContract
from syngen.types import Capabilities, Completion, Model, Request
from writing import sentence, write

KEY = "test-key-0123456789"


class Stand:
    """A loopback server as the contract wants it: told what to do next in the provider's own words."""

    def __init__(self, app: Any, words: dict[int, Trouble]) -> None:
        self.app = app
        self.words = words

    def fail(self, status: int, times: int) -> None:
        """Answer the next calls with this status."""
        self.app.troubles.queue.extend([self.words[status]] * times)

    def wait(self, seconds: float) -> None:
        """Take so long over every call."""
        self.app.troubles.delay = seconds


def told(url: str) -> ModelOptions:
    return ModelOptions(base_url=url, timeout=0.5, retry_timeout=1.5)


class TestOllama(RemoteContract):
    longest = 10_000

    @pytest.fixture
    def app(self) -> OllamaServer:
        return OllamaServer(models=[Pulled(context_length=8_192)])

    @pytest.fixture
    def server(self, app: OllamaServer) -> Stand:
        wrong = Trouble(401, {"error": "unauthorized: the key is wrong"})
        full = Trouble(429, {"error": "too many requests"}, {"retry-after": "0"})
        return Stand(app, {401: wrong, 429: full, 500: ollama_server.CRASHED, 503: ollama_server.BUSY})

    @pytest.fixture
    def model(self, app: OllamaServer) -> Iterator[Model]:
        with serve(app) as url:
            yield open_model("ollama/llama3.2", told(url))


class TestCohere(RemoteContract):
    longest = 0  # its models read a quarter of a million tokens
    holds_count = False  # its schemas know no minItems

    @pytest.fixture
    def app(self) -> CohereServer:
        return CohereServer(key=KEY)

    @pytest.fixture
    def server(self, app: CohereServer) -> Stand:
        full = Trouble(429, {"message": "too many requests"}, {"retry-after": "0"})
        words = {401: cohere_server.refusal(401, "invalid api token"), 429: full}
        return Stand(app, {**words, 500: cohere_server.BROKEN, 503: cohere_server.BUSY})

    @pytest.fixture
    def model(self, app: CohereServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
        monkeypatch.setenv("COHERE_API_KEY", KEY)
        monkeypatch.delenv("CO_API_KEY", raising=False)
        with serve(app) as url:
            yield open_model(f"cohere/{app.models[0]}", told(url))


class TestOpenAICompatible(RemoteContract):
    longest = 10_000

    @pytest.fixture
    def app(self) -> OpenAIServer:
        return OpenAIServer()

    @pytest.fixture
    def server(self, app: OpenAIServer) -> Stand:
        wrong = openai_server.refusal(401, "Incorrect API key provided", "invalid_api_key")
        words = {401: wrong, 429: openai_server.FULL, 500: openai_server.BROKEN, 503: openai_server.BUSY}
        return Stand(app, words)

    @pytest.fixture
    def model(self, app: OpenAIServer) -> Iterator[Model]:
        with serve(app) as url:
            yield open_model("openai/gpt-4o-mini", told(f"{url}/v1"))


class TestHuggingFaceChat(ModelContract):
    @pytest.fixture
    def model(self, tiny_models: dict[str, Model]) -> Model:
        return tiny_models["chat"]


class TestHuggingFaceBase(ModelContract):
    @pytest.fixture
    def model(self, tiny_models: dict[str, Model]) -> Model:
        return tiny_models["gpt2"]


@pytest.fixture(scope="session")
def embedded() -> Model:
    """The default model, opened once."""
    return open_model(DEFAULT, ModelOptions(deterministic=True))


@pytest.mark.slow
class TestEmbedded(ModelContract):
    @pytest.fixture
    def model(self, embedded: Model) -> Model:
        return embedded


class TestFunction(ModelContract):
    longest = 0

    @pytest.fixture
    def model(self) -> Model:
        def answer(request: Request) -> Completion:
            import random

            chance = random.Random(request.sampling.seed)
            text = write(request) if request.schema else sentence(chance, 12)
            for stop in request.sampling.stop:
                text = text.partition(stop)[0]
            words = text.split()
            cut = request.schema is None and len(words) > request.sampling.max_tokens
            text = " ".join(words[: request.sampling.max_tokens]) if cut else text
            read = len(request.prompt.user.split())
            return Completion(
                request,
                text,
                "length" if cut else "stop",
                "",
                read,
                min(len(words), request.sampling.max_tokens),
            )

        return FunctionModel(answer, "function/writer", Capabilities(schema=True, seeds=True))
