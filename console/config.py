"""One frozen `Config`: flags over environment over the configuration file over defaults."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from console.actions import InvalidKey, Keymap, keymap
from console.language import LANGUAGES, tr
from console.language.choosing import VARIABLE, language_of
from console.model.contexts import LOCAL, SANDBOX
from console.model.service import ServiceName
from console.paths import default_pictures_directory

PICTURE_MODES: Final = ("auto", "kitty", "sixel", "half", "none")
THEMES: Final = ("auto", "dark", "light", "high-contrast", "ansi")

_VARIABLES: Final = {
    "ZIMAGE_CONTEXT": "context",
    "ZIMAGE_MODELS": "models",
    "ZIMAGE_PICTURES": "pictures",
    "ZIMAGE_IMAGES": "images",
    "ZIMAGE_READ_ONLY": "read_only",
    VARIABLE: "lang",
    "ZIMAGE_THEME": "theme",
    "ZIMAGE_ASCII": "ascii",
}
_KEYMAP: Final = "keys"
_KEYS: Final = (*_VARIABLES.values(), _KEYMAP)


class ConfigError(ValueError):
    """A setting that cannot be used; `str()` is one line naming it, the reason and the mend."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured.

    `context` is `LOCAL`, `SANDBOX` or a service on Google Cloud as PROJECT/REGION/SERVICE.
    `models` is the directory of the model's files, None for the model that comes with the
    engine. `pictures_directory` is where pictures are saved. `images` says how pictures are
    drawn in the terminal: one of `PICTURE_MODES`. `chosen` says whether somebody settled what
    to look after, by naming a context or the files of a model. `lang` is one of
    `console.language.LANGUAGES`, None for what the locale asks for. `theme` is one of `THEMES`.
    `ascii` says whether frames, bars and marks are drawn in ASCII, None for what the terminal
    can show. `keys` are those of actions to which the configuration file gives others.
    """

    context: str = LOCAL
    models: str | None = None
    pictures_directory: Path = field(default_factory=default_pictures_directory)
    images: str = "auto"
    read_only: bool = False
    chosen: bool = False
    lang: str | None = None
    theme: str = "auto"
    ascii: bool | None = None
    keys: Keymap = field(default_factory=dict, hash=False)


def load(flags: Mapping[str, object], environment: Mapping[str, str], file: Path | None) -> Config:
    """Put the settings together; `flags` may hold None for flags that were not given.

    Raises `ConfigError` for an unknown key, a value of the wrong kind or an unreadable file.
    """
    config = Config()
    if file is not None:
        config = _merged(config, _read(file), tr("in {file}", file=file))
    variables = {
        key: environment[name] for name, key in _VARIABLES.items() if environment.get(name)
    }
    config = _merged(config, variables, tr("in the environment"))
    given = {key: value for key, value in flags.items() if value is not None}
    config = _merged(config, given, tr("on the command line"))
    return _checked(config)


def _read(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(
            tr(
                "cannot read {file}: {why}; mend its permissions or remove it",
                file=file,
                why=error.strerror,
            )
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(
            tr("{file} is not valid TOML: {why}; correct it or remove it", file=file, why=reason)
        ) from None


def _merged(config: Config, settings: Mapping[str, object], where: str) -> Config:
    for key, value in settings.items():
        match key:
            case "models":
                config = replace(config, models=_models(_text(key, value, where)), chosen=True)
            case "pictures":
                directory = Path(_text(key, value, where)).expanduser()
                config = replace(config, pictures_directory=directory.absolute())
            case "context":
                config = replace(config, context=_text(key, value, where), chosen=True)
            case "images":
                config = replace(config, images=_text(key, value, where))
            case "lang":
                config = replace(config, lang=_language(_text(key, value, where), where))
            case "theme":
                config = replace(config, theme=_text(key, value, where))
            case "ascii":
                config = replace(config, ascii=_truth(key, value, where))
            case "keys":
                config = replace(config, keys=_keymap(value, where))
            case "read_only":
                config = replace(config, read_only=_truth(key, value, where))
            case _:
                raise ConfigError(
                    tr(
                        "unknown setting {key!r} {where}; {suggestion}",
                        key=key,
                        where=where,
                        suggestion=_suggestion(key),
                    )
                )
    return config


def language_configured(file: Path | None) -> str | None:
    """Return the language that the configuration file names, whatever else is wrong with it."""
    try:
        named = {} if file is None else _read(file)
    except ConfigError:
        return None
    return str(named.get("lang", "")) or None


def _language(text: str, where: str) -> str:
    found = language_of(text)
    if found is None:
        raise ConfigError(
            tr(
                "setting 'lang' {where} must be one of {known}, not {value!r}",
                where=where,
                known=tr(", ").join(LANGUAGES),
                value=text,
            )
        )
    return found


def _keymap(value: object, where: str) -> Keymap:
    if not isinstance(value, dict):
        raise ConfigError(
            tr(
                "setting 'keys' {where} must be a table, [keys], not {value!r}",
                where=where,
                value=value,
            )
        )
    try:
        return keymap(value)
    except InvalidKey as error:
        raise ConfigError(tr("[keys] {where}: {why}", where=where, why=error)) from None


def _models(text: str) -> str:
    return text if "://" in text else str(Path(text).expanduser().absolute())


def _text(key: str, value: object, where: str) -> str:
    if isinstance(value, Path):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(
            tr(
                "setting {key!r} {where} must be text in quotes, not {value!r}",
                key=key,
                where=where,
                value=value,
            )
        )
    return value


def _truth(key: str, value: object, where: str) -> bool:
    if isinstance(value, bool):
        return value
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ConfigError(
        tr(
            "setting {key!r} {where} must be true or false, not {value!r}",
            key=key,
            where=where,
            value=value,
        )
    )


def _suggestion(key: str) -> str:
    near = difflib.get_close_matches(key, _KEYS, n=1)
    if near:
        return tr("did you mean {name!r}?", name=near[0])
    return tr("known are {names}", names=tr(", ").join(_KEYS))


def _checked(config: Config) -> Config:
    if config.images not in PICTURE_MODES:
        raise _not_one_of("images", config.images, PICTURE_MODES)
    if config.theme not in THEMES:
        raise _not_one_of("theme", config.theme, THEMES)
    if config.context not in (LOCAL, SANDBOX):
        try:
            ServiceName.parse(config.context)
        except ValueError as error:
            raise ConfigError(
                tr(
                    "context {why}; or say {local} or {sandbox}",
                    why=error,
                    local=LOCAL,
                    sandbox=SANDBOX,
                )
            ) from None
    return config


def _not_one_of(setting: str, value: str, known: Sequence[str]) -> ConfigError:
    return ConfigError(
        tr(
            "{setting} {value!r} is not known; choose one of {known}",
            setting=setting,
            value=value,
            known=tr(", ").join(known),
        )
    )


def is_context(text: str) -> bool:
    """Say whether `text` names something that the console can look after."""
    try:
        _checked(Config(context=text))
    except ConfigError:
        return False
    return True
