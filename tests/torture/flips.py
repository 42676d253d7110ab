"""Flips single bits of results and checkpoints, and counts what their readers notice."""

import random
import shutil
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from spectral_bias.checksums import FOLDER, checksum_file, verify
from spectral_bias.errors import UserError
from spectral_bias.runtime.checkpoint import load_checkpoint


def flip(path: Path, chance: random.Random) -> None:
    """Flips one bit of a file."""
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def flipped_results(results: Path, count: int, chance: random.Random) -> Counter[str]:
    """Flips a bit in so many files that stages hand to each other; each is put back.

    Returns:
        How many were flipped and how many noticed: "<suffix> flipped", "<suffix> caught".
    """
    kept = [file for file in sorted(results.rglob(f"{FOLDER}/*.sha256")) if file.is_file()]
    files = [file.parents[1] / file.stem for file in kept]
    chosen = chance.choices([file for file in files if file.is_file()], k=count)
    found: Counter[str] = Counter()
    for file in chosen:
        before = file.read_bytes()
        flip(file, chance)
        try:
            verify(file)
        except UserError:
            found[f"{file.suffix} caught"] += 1
        found[f"{file.suffix} flipped"] += 1
        file.write_bytes(before)
    return found


def flipped_checkpoints(folders: list[Path], count: int, chance: random.Random) -> Counter[str]:
    """Flips a bit in copies of checkpoints: none that was flipped may be taken up.

    Args:
        folders: each holds a checkpoint that a killed job left, and its checksum.
        count: of flips.
        chance: draws the files and the bits.
    """
    found: Counter[str] = Counter()
    files = [file for folder in folders for file in sorted(folder.glob("*.pt"))]
    for file in chance.choices(files, k=count if files else 0):
        with TemporaryDirectory() as temporary:
            copy = Path(temporary, file.name)
            shutil.copy(file, copy)
            checksum_file(copy).parent.mkdir()
            shutil.copy(checksum_file(file), checksum_file(copy))
            flip(copy, chance)
            taken = load_checkpoint(copy, "any")
            found["checkpoint flipped"] += 1
            found["checkpoint caught"] += taken is None and not copy.exists()
    return found


def keep_checkpoints(results: Path, kept: Path) -> None:
    """Copies the checkpoints that a killed build has left, for `flipped_checkpoints`."""
    for number, folder in enumerate(results.glob("*/*/resume/*")):
        if any(folder.glob("*.pt")):
            place = kept / f"{folder.parts[-3]}-{number}"
            shutil.copytree(folder, place, dirs_exist_ok=True)
