"""A server that answers as the Hugging Face hub does, for downloads; the files are those it is given.

After https://huggingface.co/docs/hub/api and what the client `huggingface_hub` reads of it (headers in its
constants.py, error codes in its utils/_http.py), looked up in November 2026: the hub answers for a file with its
commit, size and SHA-256 in headers, and sends on to a storage on another host.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from servers.loopback import Message, Receive, Send, answer, headers_of, serve

if TYPE_CHECKING:
    import pytest

COMMIT = "5f0f5f0e5f0f5f0e5f0f5f0e5f0f5f0e5f0f5f0e"
_RESOLVE = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_ABOUT = re.compile(r"/api/models/([^/]+/[^/]+?)(/revision/[^/]+|/tree/[^/]+)?")


@dataclass
class HubServer:
    """The app.

    Attributes:
        files: Their bytes by "ORG/NAME/FILE".
        states: The digest to state instead of the true one.
        gated: Repositories that want their terms accepted.
        breaks_after: Bytes after which the next downloads break off, one by one.
        stops_after: Bytes after which downloads stand still, unless it is 0.
        calls: Method, path and `Range` of every call, in order.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    states: str = ""
    gated: tuple[str, ...] = ()
    breaks_after: list[int] = field(default_factory=list)
    stops_after: int = 0
    calls: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def ranges(self) -> list[str]:
        """The ranges asked of the storage; empty for a whole file."""
        return [
            asked for method, path, asked in self.calls if path.startswith("/storage") and method == "GET"
        ]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path, headers = scope["path"], headers_of(scope)
        self.calls.append((scope["method"], path, headers.get("range", "")))
        if path.startswith("/storage/"):
            await self._send(
                self.files[path.removeprefix("/storage/")], headers.get("range", ""), receive, send
            )
        elif (found := _RESOLVE.fullmatch(path)) is not None:
            await self._resolve(found[1], f"{found[1]}/{found[3]}", headers["host"], send)
        elif (found := _ABOUT.fullmatch(path)) is not None:
            await self._about(found[1], found[2] or "", send)
        else:
            await answer(send, {"error": "Sorry, we can't find the page you are looking for."}, 404)

    def _of(self, repo: str) -> dict[str, bytes]:
        """The files of a repository."""
        return {
            name.removeprefix(f"{repo}/"): data
            for name, data in self.files.items()
            if name.startswith(f"{repo}/")
        }

    async def _refused(self, repo: str, send: Send) -> bool:
        if repo in self.gated:
            await answer(send, {"error": "gated"}, 403, {"x-error-code": "GatedRepo"})
        elif not self._of(repo):
            told = {"x-error-code": "RepoNotFound", "x-error-message": "Repository not found"}
            await answer(send, {"error": "Repository not found"}, 404, told)
        else:
            return False
        return True

    async def _resolve(self, repo: str, name: str, host: str, send: Send) -> None:
        if await self._refused(repo, send):
            return
        if name not in self.files:
            told = {"x-error-code": "EntryNotFound", "x-error-message": "Entry not found"}
            await answer(send, "Entry not found", 404, told)
            return
        storage = host.replace("127.0.0.1", "localhost")  # to the client, another host
        await answer(
            send,
            "Found. Redirecting",
            302,
            {**self._headers(name), "location": f"http://{storage}/storage/{name}"},
        )

    def _headers(self, name: str) -> Mapping[str, str]:
        data = self.files[name]
        digest = self.states or hashlib.sha256(data).hexdigest()
        return {
            "x-repo-commit": COMMIT,
            "x-linked-size": str(len(data)),
            "x-linked-etag": f'"{digest}"',
            "etag": f'"{digest}"',
        }

    async def _send(self, data: bytes, asked: str, receive: Receive, send: Send) -> None:
        first = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        part = data[first:]
        headers = {"content-length": str(len(part)), "content-type": "binary/octet-stream"}
        if asked:
            headers["content-range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 206 if asked else 200, "headers": pairs})
        if self.breaks_after:
            await send(
                {"type": "http.response.body", "body": part[: self.breaks_after.pop(0)], "more_body": True}
            )
            return  # without the rest: the connection is closed
        if self.stops_after:
            await send({"type": "http.response.body", "body": part[: self.stops_after], "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.body", "body": part})

    async def _about(self, repo: str, what: str, send: Send) -> None:
        if await self._refused(repo, send):
            return
        files = self._of(repo)
        if what.startswith("/tree"):
            listed = []
            for name, data in files.items():
                digest = hashlib.sha256(data).hexdigest()
                one = {"type": "file", "oid": hashlib.sha1(data).hexdigest(), "size": len(data), "path": name}
                listed.append({**one, "lfs": {"oid": digest, "size": len(data), "pointerSize": 134}})
            await answer(send, listed)
            return
        siblings = [{"rfilename": name} for name in files]
        about = {"_id": "1", "id": repo, "modelId": repo, "sha": COMMIT, "private": False, "tags": []}
        await answer(send, {**about, "downloads": 0, "likes": 0, "siblings": siblings})


@contextmanager
def hub(app: HubServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve it, and let the client in this process and in those it starts talk to it; its address.

    The client reads `HF_ENDPOINT` once, so what it made of that is changed too.
    """
    from huggingface_hub import constants

    with serve(app) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setenv("HF_HUB_CACHE", str(Path("hub-cache").absolute()))
        monkeypatch.setattr(constants, "ENDPOINT", address)
        template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(Path("hub-cache").absolute()))
        yield address
