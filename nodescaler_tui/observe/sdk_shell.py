"""A lazy shell around the SDK's package: its 6,700 modules are imported when they are used, not all at once.

The package's own `__init__` imports every model and every API, which costs two seconds and 215 MB. The shell puts
modules with a `__getattr__` (PEP 562) in their place, reading from that same `__init__` which name lives where. Genesys
does not support this, so it is used only when it works, and the plain import is always there to fall back on.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Final

PACKAGE: Final = "PureCloudPlatformClientV2"
_EXPORT: Final = re.compile(r"^from \.((?:models|apis)\.\w+|\w+) import (\w+)$", re.MULTILINE)


class ShellFailed(Exception):  # noqa: N818 - it says what happened
    """The package is not laid out as the shell expects; import it plainly."""


def install() -> None:
    """Put the shell in place. Raises ShellFailed, leaving nothing behind, when the package looks different."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ShellFailed("the package is not installed")
    root = Path(spec.origin).parent
    exports = {name: module for module, name in _EXPORT.findall(Path(spec.origin).read_text(encoding="utf-8"))}
    if not {"TelephonyProvidersEdgeApi", "ApiClient", "EdgeMetrics"} <= exports.keys():
        raise ShellFailed("the package does not name its modules as expected")
    models = {name: module for name, module in exports.items() if module.startswith("models.")}
    apis = {name: module for name, module in exports.items() if module.startswith("apis.")}
    _shell(PACKAGE, root, exports).__spec__ = spec
    _shell(f"{PACKAGE}.models", root / "models", models)
    _shell(f"{PACKAGE}.apis", root / "apis", apis)


def remove() -> None:
    """Take everything of the package out again, so that it can be imported plainly."""
    for name in [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]:
        del sys.modules[name]


def _shell(name: str, folder: Path, exports: Mapping[str, str]) -> ModuleType:
    module = ModuleType(name)
    module.__path__ = [str(folder)]

    def load(attribute: str) -> object:
        if attribute not in exports:
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        value = getattr(importlib.import_module(f"{PACKAGE}.{exports[attribute]}"), attribute)
        setattr(module, attribute, value)
        return value

    module.__getattr__ = load  # type: ignore[method-assign]  # PEP 562 on a module that is made by hand
    sys.modules[name] = module
    return module
