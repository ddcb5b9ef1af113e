"""The bundled demo model: what it draws, how it is trained, and how well it draws."""

from importlib.resources import files
from pathlib import Path


def files_directory() -> Path:
    """Return the directory of the bundled model's three files."""
    return Path(str(files("engine.demo") / "files"))
