"""Fetch a model by its id.

`embedded/NAME` is the default model or one of the catalogue, kept in the user's data folder with a note on where it
is from; `hf/ORG/NAME` goes into the Hugging Face hub's cache; `ollama/NAME` is fetched by the Ollama server.
"""

from __future__ import annotations

import errno
import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from syngen.errors import ModelError, ModelFailed, ModelNotFound
from syngen.files import atomic
from syngen.models import known_providers
from syngen.models.local import hub, weights
from syngen.models.local.weights import Entry, gigabytes
from syngen.models.providers import ollama
from syngen.models.providers.ollama import Observer

if TYPE_CHECKING:
    from huggingface_hub import HfFileMetadata

SPARE = 500_000_000  # bytes to leave free on the disk
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
_SHA256 = re.compile(r"[0-9a-f]{64}")


def pull(name: str, observe: Observer) -> tuple[str, str]:
    """Fetch a model, unless it is here; return its id and where it is.

    Args:
        name: `embedded/NAME`, or NAME alone; `hf/ORG/NAME`, `hf/ORG/NAME@REVISION`, `hf/ORG/NAME/FILE.gguf`;
            `ollama/NAME`.
        observe: Called with the progress.

    Raises:
        ModelNotFound: There is no such model.
        ModelUnreachable: Where it is can't be reached.
        ModelError: Fetching it failed, its digest is another one, or it can't be written.
    """
    provider, _, rest = name.partition("/")
    if provider == "ollama" and rest:
        ollama.pull(rest, observe)
        return name, "the Ollama server"
    if provider == "hf" and rest:
        folder, file = hub.snapshot(rest)
        return name, str(folder / file)
    short = name.removeprefix("embedded/")
    if short == weights.NAME:
        return f"embedded/{short}", str(weights.pull())
    if short in weights.ENTRIES:
        return f"embedded/{short}", str(_fetch(weights.ENTRIES[short], observe))
    known = ", ".join([weights.NAME, *weights.ENTRIES])
    hint = weights.guess(short) or f"There are embedded/… {known}; and hf/ORG/NAME and ollama/NAME."
    if "/" in short and provider not in known_providers():
        hint = f"If it is a model of the Hugging Face hub: syngen models pull hf/{name}"
    raise ModelNotFound(f"There is nothing to fetch for '{name}'.", hint)


def _fetch(entry: Entry, observe: Observer) -> Path:
    """Fetch a model of the catalogue; resume an interrupted download."""
    place = weights.home() / entry.file
    if place.is_file():
        return place
    info = _metadata(entry)
    digest, size = str(info.etag), info.size or 0
    part = place.with_name(f"{place.name}.{digest[:16]}.part")  # of another version, it would be of no use
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        need = size - (part.stat().st_size if part.exists() else 0)
        room = shutil.disk_usage(place.parent).free - SPARE
        if room < need:
            raise ModelError(
                f"{gigabytes(need)} are to be fetched, and {place.parent} has room for {gigabytes(max(0, room))}.",
                "Free some there, or set XDG_DATA_HOME to another folder.",
            )
        _download(entry, str(info.commit_hash), size, part, observe)
        _check(part, digest, entry, observe)
        note = {
            "model": f"embedded/{entry.name}",
            "repo": entry.repo,
            "file": entry.file,
            "revision": info.commit_hash,
            "sha256": digest,
            "licence": entry.licence,
            "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with atomic(place.with_name(f"{place.name}.json")) as written:
            written.write_text(json.dumps(note, indent=2) + "\n", "utf-8")
        part.replace(place)
    except OSError as error:
        raise ModelError(
            f"The weights can't be kept in {place.parent}: {error}.",
            f"Free {gigabytes(size)} there, or set XDG_DATA_HOME to another folder.",
        ) from error
    for old in place.parent.glob(f"{place.name}.*.part"):
        old.unlink(missing_ok=True)
    return place


def _metadata(entry: Entry) -> HfFileMetadata:
    """Ask the hub for the file's commit, size and digest."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    try:
        info = get_hf_file_metadata(hf_hub_url(entry.repo, entry.file))
    except hub.errors() as error:
        hint = "Check the network; or bring a GGUF file from elsewhere and give --model FILE.gguf"
        raise hub.translated(error, entry.repo, hint) from error
    if not info.commit_hash or not info.size or not _SHA256.fullmatch(info.etag or ""):
        raise ModelFailed(
            f"What answers for {entry.repo} states no digest of {entry.file}, so it can't be checked.",
            "If HF_ENDPOINT names a mirror, try without it.",
        )
    return info


def _download(entry: Entry, commit: str, size: int, part: Path, observe: Observer) -> None:
    """Append what is missing to a partial file.

    The hub's own `hf_hub_download` begins anew each time, since its version 2; this is what it is made of.
    """
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # as its guide does

    class Bar:
        """Takes the place of the hub library's progress bar."""

        def __init__(self, *, initial: int, **_: object) -> None:
            self.done = initial

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def update(self, count: int) -> None:
            self.done += count
            observe("fetching", self.done, size)

    url = hf_hub_url(entry.repo, entry.file, revision=commit)
    with part.open("ab") as file:
        have = file.tell()
        if have > size:  # nothing that we wrote
            have = file.truncate(0)
        observe("fetching", have, size)
        try:
            bar: Any = Bar
            http_get(
                url, file, resume_size=have, expected_size=size, headers=build_hf_headers(), tqdm_class=bar
            )
        except hub.errors() as error:
            if isinstance(error, OSError) and error.errno in _DISK:
                raise
            again = (
                f"Check the network, then continue where it stopped: syngen models pull embedded/{entry.name}"
            )
            raise hub.translated(error, entry.repo, again) from error


def _check(part: Path, digest: str, entry: Entry, observe: Observer) -> None:
    """Compare the file with the digest that the hub states, and delete it if they differ."""
    observe("checking", part.stat().st_size, part.stat().st_size)
    actual = weights.digest(part).removeprefix("sha256:")
    if actual != digest:
        part.unlink()
        raise ModelFailed(
            f"The download is not {entry.file} as the hub states it (SHA-256 {actual[:12]}… instead of {digest[:12]}…); "
            "it was deleted.",
            f"Try again: syngen models pull embedded/{entry.name}",
        )
