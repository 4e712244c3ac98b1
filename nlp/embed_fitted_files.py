"""How is a fitted space kept, so that later texts meet the very same numbers?

In: a fitted embedder and a folder, or a folder. Out: `space.npz` (plain arrays) beside `space.json`
(recipe, seed, digest of the texts, digest of the numbers), or the embedder again. Nothing in them
can run: no pickle. Words are not in them either, only their hashes.

Fitting again on the same texts would do on the same machine; another one may round differently, and
a case to which posts were added no longer has the texts of then.

It refuses a folder of another recipe, and one whose numbers are not those that were saved.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np

from corpus.errors import InputError
from nlp.embed_fitted import RECIPE, FittedEmbedder, Space

ARRAYS, ABOUT = "space.npz", "space.json"
NAMES = tuple(field.name for field in fields(Space))


def save(embedder: FittedEmbedder, folder: Path) -> str:
    """Write the two files, replacing earlier ones; return the digest of the numbers.

    Raises ValueError for an embedder that has not learned anything.
    """
    if not embedder.digest:
        raise ValueError("a fitted embedder that has not seen texts cannot be saved: call fit")
    folder.mkdir(parents=True, exist_ok=True)
    numbers = numbers_digest(embedder.space)
    about = {
        "recipe": RECIPE, "seed": embedder.seed, "digest": embedder.digest, "numbers": numbers
    }  # fmt: skip
    part = folder / f"{ARRAYS}.part"
    with part.open("wb") as file:
        np.savez(file, **{name: getattr(embedder.space, name) for name in NAMES})
    part.replace(folder / ARRAYS)
    part = folder / f"{ABOUT}.part"
    part.write_text(json.dumps(about, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(folder / ABOUT)
    return numbers


def load(folder: Path) -> FittedEmbedder:
    """Return the embedder that was saved in `folder`.

    Raises
    ------
    InputError
        Files are missing or damaged, were changed, or hold another recipe.
    """
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
            space = Space(**{name: arrays[name] for name in NAMES})
        recipe, numbers = about["recipe"], about["numbers"]
        embedder = FittedEmbedder(seed=int(about["seed"]), space=space, digest=str(about["digest"]))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{folder} holds no fitted space that can be read ({type(error).__name__}):"
            f" {ABOUT} and {ARRAYS} are expected; run analyze again to fit a new one"
        ) from error
    if recipe != RECIPE:
        raise InputError(
            f"{folder} was fitted by the recipe {recipe!r}; this version has {RECIPE!r}:"
            " run analyze again to fit a new one"
        )
    if numbers != numbers_digest(space):
        raise InputError(
            f"the numbers in {folder / ARRAYS} are not those that {ABOUT} names:"
            " the file was changed; run analyze again to fit a new one"
        )
    return embedder


def numbers_digest(space: Space) -> str:
    """Return the sha256 of every array's name, type, shape and numbers."""
    digest = hashlib.sha256()
    for name in NAMES:
        array = np.ascontiguousarray(getattr(space, name))
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        digest.update(f"{name}|{little.dtype.str}|{little.shape}|".encode())
        digest.update(little.tobytes())
    return digest.hexdigest()
