"""The page of settings, `docs/configuration.md`, in the language that is spoken.

`python -m console.settings_page` prints it; with `zh` behind it, `docs/configuration.zh.md`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

from console.config import PICTURE_MODES, THEMES
from console.language import ENGLISH, LANGUAGES, tr, tr_later, use


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of the configuration file, with what sets it elsewhere; `example` is written in TOML.

    `meaning` and `default` are to be translated; an empty `flag` or `variable` is none.
    """

    key: str
    meaning: str
    default: str
    example: str
    flag: str = ""
    variable: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment that is no setting; `meaning` is to be translated."""

    name: str
    meaning: str


SETTINGS: Final = (
    Setting(
        "context",
        tr_later("what to look after: `local`, `sandbox` or PROJECT/REGION/SERVICE"),
        tr_later("the one used last; for verbs `local`"),
        '"my-project/us-central1/z-image"',
        "--context",
        "ZIMAGE_CONTEXT",
    ),
    Setting(
        "models",
        tr_later("the directory of the model's files, or gs://BUCKET/PREFIX"),
        tr_later("the demo model that comes with the engine"),
        '"~/models/z-image"',
        "--models",
        "ZIMAGE_MODELS",
    ),
    Setting(
        "pictures",
        tr_later("where pictures are saved by themselves"),
        tr_later("`zimage` in your folder of pictures"),
        '"~/Pictures/zimage"',
        "--pictures",
        "ZIMAGE_PICTURES",
    ),
    Setting(
        "images",
        tr_later("how the terminal draws pictures"),
        "`auto`",
        '"half"',
        "--images",
        "ZIMAGE_IMAGES",
        PICTURE_MODES,
    ),
    Setting(
        "read_only",
        tr_later("refuse whatever changes the service or may cost money"),
        "`false`",
        "true",
        "--read-only",
        "ZIMAGE_READ_ONLY",
        ("true", "false"),
    ),
    Setting(
        "lang",
        tr_later("which language the console speaks"),
        tr_later("what LC_ALL, LC_MESSAGES or LANG asks for, else `en`"),
        '"zh"',
        "--lang",
        "ZIMAGE_LANG",
        LANGUAGES,
    ),
    Setting(
        "theme",
        tr_later("the colours of the console; see the page on looks"),
        "`auto`",
        '"high-contrast"',
        "--theme",
        "ZIMAGE_THEME",
        THEMES,
    ),
    Setting(
        "ascii",
        tr_later("frames, bars and marks in ASCII"),
        tr_later("of itself where the terminal has no more"),
        "true",
        "--ascii",
        "ZIMAGE_ASCII",
        ("true", "false"),
    ),
    Setting(
        "keys",
        tr_later("a table that gives actions other keys; their names are on the page of keys"),
        tr_later("those on the page of keys"),
        '{"app.quit" = "q, ctrl+q"}',
    ),
)

VARIABLES: Final = (
    Variable(
        "GOOGLE_APPLICATION_CREDENTIALS",
        tr_later("the file of a login for Google Cloud, in place of the one that gcloud made"),
    ),
    Variable(
        "GOOGLE_CLOUD_QUOTA_PROJECT",
        tr_later("the project in whose name Google's interfaces are asked"),
    ),
    Variable(
        "GOOGLE_CLOUD_PROJECT", tr_later("the project of `deploy` where nothing else names one")
    ),
    Variable("CLOUDSDK_CONFIG", tr_later("where gcloud keeps its settings and its login")),
    Variable(
        "CLOUDSDK_ACTIVE_CONFIG_NAME",
        tr_later("which of gcloud's configurations is the active one"),
    ),
    Variable(
        "HTTPS_PROXY",
        tr_later("the proxy on the way to Google and to the hub; NO_PROXY spares hosts"),
    ),
    Variable("HF_ENDPOINT", tr_later("the mirror from which `models pull` fetches")),
    Variable(
        "HF_TOKEN", tr_later("a token for the hub, which raises its limits; it is sent there alone")
    ),
    Variable("NO_COLOR", tr_later("with any text in it, no colours")),
    Variable("ZIMAGE_DEBUG", tr_later("with 1, a defect is shown with where in the code it is")),
)

FILES: Final = (
    ("~/.config/zimage-console/config.toml", tr_later("the configuration file")),
    (
        "~/.local/state/zimage-console/",
        tr_later(
            "contexts and commands of before, what was known last of each service, uploads and "
            "deployments that were broken off, the sandbox"
        ),
    ),
    (
        "~/.local/share/zimage-console/history.sqlite3",
        tr_later("starts and running times that outlive the log"),
    ),
    ("~/.cache/zimage-console/", tr_later("Google's prices, for a day")),
)


def settings_page() -> str:
    """Return the page: settings, an example of the file, the environment, and where files are."""
    lines = [_heading(1, tr("Configuration")), ""]
    lines += [tr("Generated by `python -m console.settings_page`; do not edit by hand."), ""]
    lines += [
        tr(
            "A setting on the command line counts before one in the environment, that before one "
            "in the configuration file, and that before the default. Nothing has to be set. A "
            "setting that does not exist or has a wrong value is refused, with one line that says "
            "where it stands and what may be there."
        ),
        "",
    ]
    heads = (tr("setting"), tr("flag"), tr("variable"), tr("default"), tr("what it does"))
    lines += [_heading(2, tr("Settings")), "", _table(heads)]
    lines += [_row(each) for each in SETTINGS]
    lines += ["", _heading(2, tr("The file")), "", tr("Everything in it may be left out:"), ""]
    lines += ["```toml", *_example(), "```", ""]
    lines += [_heading(2, tr("The environment")), "", tr("What else is read of it:"), ""]
    lines += [_table((tr("variable"), tr("what it does")))]
    lines += [f"| `{each.name}` | {tr(each.meaning)} |" for each in VARIABLES]
    lines += ["", _heading(2, tr("Where files are")), ""]
    lines += [
        tr(
            "On Linux; XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_DATA_HOME and XDG_CACHE_HOME move "
            "them, and macOS has them under ~/Library. Folders are readable by you alone."
        ),
        "",
        _table((tr("place"), tr("what is there"))),
        *(f"| `{place}` | {tr(what)} |" for place, what in FILES),
    ]
    return "\n".join(lines) + "\n"


def _heading(level: int, text: str) -> str:
    return f"{'#' * level} {text}"


def _table(heads: tuple[str, ...]) -> str:
    return f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}"


def _row(setting: Setting) -> str:
    meaning = tr(setting.meaning)
    if setting.values:
        values = tr(", ").join(f"`{each}`" for each in setting.values)
        meaning = tr("{meaning}: {values}", meaning=meaning, values=values)
    cells = (
        f"`{setting.key}`",
        f"`{setting.flag}`" if setting.flag else "–",
        f"`{setting.variable}`" if setting.variable else "–",
        tr(setting.default),
        meaning,
    )
    return f"| {' | '.join(cells)} |"


def _example() -> list[str]:
    plain = [f"{each.key} = {each.example}" for each in SETTINGS if each.key != "keys"]
    keys = next(each.example for each in SETTINGS if each.key == "keys")
    return [*plain, "", "[keys]", keys.strip("{}")]


if __name__ == "__main__":
    use(sys.argv[1] if sys.argv[1:] else ENGLISH)
    print(settings_page(), end="")
