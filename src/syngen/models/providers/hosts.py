"""Providers and servers with the OpenAI chat API, by name: address and key variable.

Addresses as their documentation gives them, November 2026; `syngen.toml` adds others.
"""

from __future__ import annotations

from typing import NamedTuple


class Host(NamedTuple):
    """Address, key variable and price table name of a provider.

    Attributes:
        key: The variable of its key; empty for a server of one's own that needs none.
        priced_as: What the table of prices calls it; empty when it charges nothing.
    """

    base_url: str
    key: str = ""
    priced_as: str = ""


HOSTS: dict[str, Host] = {
    "openai": Host("https://api.openai.com/v1", "OPENAI_API_KEY", "openai"),
    "openrouter": Host("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "openrouter"),
    "groq": Host("https://api.groq.com/openai/v1", "GROQ_API_KEY", "groq"),
    "gemini": Host("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", "google"),
    "mistral": Host("https://api.mistral.ai/v1", "MISTRAL_API_KEY", "mistral"),
    "deepseek": Host("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", "deepseek"),
    "together": Host("https://api.together.xyz/v1", "TOGETHER_API_KEY", "together"),
    "fireworks": Host("https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY", "fireworks"),
    "xai": Host("https://api.x.ai/v1", "XAI_API_KEY", "x-ai"),
    "vllm": Host("http://127.0.0.1:8000/v1"),  # vllm serve NAME
    "sglang": Host("http://127.0.0.1:30000/v1"),
    "llamacpp": Host("http://127.0.0.1:8080/v1"),  # llama-server -m FILE.gguf
    "lmstudio": Host("http://127.0.0.1:1234/v1"),
}
