"""Packages without what nobody here uses of them, since that takes longer to import than the rest.

`import google.cloud.run_v2` imports the clients of nine interfaces, of which two are used. Google
means these imports to be lazy (`__lazy_modules__`), which needs Python 3.15; until then each part
is imported here when it is asked for. Whoever asks a package for anything that is not to be found
in one part of it has the package as it always was. And httpx imports what its own command line
draws with, if that is installed.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any, Final

_LIGHT: Final = frozenset(
    f"google.cloud.{package}{part}"
    for package in ("logging_v2", "monitoring_v3", "run_v2")
    for part in ("", ".types")
)

_LEFT_OUT: Final = "httpx._main"
_OWN: Final = ("__all__", "__version__")


def import_lightly() -> None:
    """Let what is imported from now on take of these packages only what it uses."""
    if not any(isinstance(each, _Finder) for each in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name == _LEFT_OUT:
            raise ModuleNotFoundError(f"{name} is left out", name=name)
        if name not in _LIGHT:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """Gives a package that runs its own source only if it is asked for what it makes itself."""

    def exec_module(self, module: ModuleType) -> None:
        whole = super().exec_module
        parts: dict[str, str] = {}

        def found(name: str) -> Any:
            if name.startswith("__") and name not in _OWN:
                raise AttributeError(f"module {self.name!r} has no attribute {name!r}")
            if not parts:
                parts.update(_parts(self.get_data(self.path)))
            if name in parts:
                part = importlib.import_module(f"{self.name}.{parts[name]}")
                module.__dict__[name] = getattr(part, name)
            elif importlib.util.find_spec(f"{self.name}.{name}") is not None:
                importlib.import_module(f"{self.name}.{name}")
            else:
                module.__dict__.pop("__getattr__", None)
                whole(module)
            return getattr(module, name)

        module.__dict__["__getattr__"] = found


def _parts(source: bytes) -> dict[str, str]:
    """Return the name of the part that each name of a package comes from."""
    return {
        alias.asname or alias.name: each.module
        for each in ast.parse(source).body
        if isinstance(each, ast.ImportFrom) and each.level == 1 and each.module is not None
        for alias in each.names
    }
