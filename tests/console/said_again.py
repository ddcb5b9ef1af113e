"""Texts that a scene has written down in English, said in the language of the test.

Each is looked for among the templates of the catalogues, with what stands in its fields. What is
in none of them, such as a command or what another program said, stays as it is.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from babel.messages.pofile import read_po

import console.language
from console.language import ENGLISH, spoken, tr, tr_many
from console.model.deploy.observed import Observed

CATALOGUES = Path(console.language.__file__).parent / "zh_CN" / "LC_MESSAGES"
AS_THEY_ARE = frozenset({"commands", "undo", "target", "wish", "service", "place"})
SHORTEST = 5
"""How many characters of its own a template has at least, or it fits whatever there is."""

SCENES_OWN = {
    **{
        f"{each} is as wanted": f"{words}已符合要求"
        for each, words in {
            "apis": "API",
            "bucket": "存储桶",
            "models": "模型",
            "repository": "制品库",
            "image": "镜像",
            "account": "服务账号",
            "reading": "读取权限",
            "service": "服务",
            "access": "访问",
        }.items()
    },
    "4 vCPU, 16 GiB, at most 1 instance": "4 vCPU、16 GiB、最多 1 个实例",
    "no crowd and no mistake can make it cost more": "无论流量高峰还是失误，费用都不会更高",
    "each cold start reads the whole model: from its own region fast and for nothing": (
        "每次冷启动都读取整个模型：从所在区域读取既快又免费"
    ),
    "one wrong grant lets anybody read it": "一次错误授权就会让任何人都能读取",
    "send 3 files of the model, 7.8 GB, to gs://my-project-z-image-models": (
        "将模型的 3 个文件（7.8 GB）发送到 gs://my-project-z-image-models"
    ),
    "about $0.16 for ten minutes of building; about $0.10 a month for each GiB that is kept": (
        "构建十分钟 $0.16 左右；每保存 1 GiB 每月 $0.10 左右"
    ),
    "build Dockerfile.optimized by Cloud Build in us-central1 from 151 files, 8.0 MB": (
        "用 us-central1 的 Cloud Build 构建 Dockerfile.optimized：151 个文件，8.0 MB"
    ),
    "the prices are 45 days old, and may have changed": "价格已是 45 天前的，可能已变",
    "us-central1 allows my-project no nvidia-l4 without zonal redundancy: its quota "
    "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion is 0": (
        "us-central1 不允许 my-project 使用无可用区冗余的 nvidia-l4：配额 "
        "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion 为 0"
    ),
    "ask for more at https://console.cloud.google.com/iam-admin/quotas, or choose a region that "
    "has some": (
        "请在 https://console.cloud.google.com/iam-admin/quotas 申请更多，或选择有配额的区域"
    ),
    "the model set needs 21 GB of memory, and 16Gi were asked for": (
        "这组模型需要 21 GB 内存，而只申请了 16Gi"
    ),
    "ask for 32Gi, or choose smaller files": "请申请 32Gi，或选择更小的文件",
    "nobody is logged in to Google Cloud": "尚未登录 Google Cloud",
    "that there is none yet (nobody is logged in to Google Cloud)": (
        "尚不存在（尚未登录 Google Cloud）"
    ),
    "zimage-00002-xyz did not start: the user-provided container failed to start and listen on "
    "the port defined by PORT=7860 within the allocated timeout": (
        "zimage-00002-xyz 未能启动：the user-provided container failed to start and listen on the "
        "port defined by PORT=7860 within the allocated timeout"
    ),
    "see that the bucket holds a whole model: zimage-console models verify": (
        "请确认存储桶中有完整的模型：zimage-console models verify"
    ),
    "new revisions get no requests by themselves from then on": "此后新修订版本不会自动获得请求",
    "gs://my-project-z-image-models with the model, 7.8 GB, about $0.15 a month: gcloud storage "
    "rm --recursive gs://my-project-z-image-models": (
        "gs://my-project-z-image-models（7.8 GB），每月 $0.15 左右：gcloud storage rm --recursive "
        "gs://my-project-z-image-models"
    ),
}
"""What scenes say in words that nothing of the console has."""

WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")
T = TypeVar("T")


def said_again(thing: T) -> T:
    """Return texts, and what is made of them, in the language that is spoken."""
    return thing if spoken() == ENGLISH else _again(thing, {})


def _again(thing: Any, known: dict[int, Any]) -> Any:
    """Say a thing again; what is in it twice is one thing afterwards, too."""
    if isinstance(thing, str) and not isinstance(thing, Enum):
        return said(thing)
    if isinstance(thing, tuple) and type(thing) is tuple:
        return tuple(_again(each, known) for each in thing)
    if not is_dataclass(thing) or isinstance(thing, type | Observed):
        return thing
    if id(thing) not in known:
        changed = {
            each.name: _again(getattr(thing, each.name), known)
            for each in fields(thing)
            if each.init and each.name not in AS_THEY_ARE
        }
        known[id(thing)] = replace(thing, **changed)
    return known[id(thing)]


def said(text: str) -> str:
    """Return an English text in the language that is spoken."""
    whole, templates = _templates()
    if text in whole:
        return tr(text)
    if text in SCENES_OWN:
        return SCENES_OWN[text]
    for one, many, pattern in templates:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        values = {name: said(value) for name, value in found.groupdict().items()}
        if any(WORDS.search(each) and said(each) == each for each in found.groupdict().values()):
            # Words in a field that are none of the console's: it fits by chance.
            continue
        if many is None:
            return tr(one, **values)
        count = int(values.pop("count"))
        return tr_many(one, many, count, **values)
    return text


@cache
def _templates() -> tuple[frozenset[str], list[tuple[str, str | None, re.Pattern[str]]]]:
    """Return the texts without fields, and the templates, most of their own words first."""
    whole, found = set(), []
    for template, many in _entries():
        for form in (template, many) if many else (template,):
            for loose, filling in enumerate((r"\S+", r".+?")):
                pattern, own = _pattern(form, filling)
                if pattern is None:
                    whole.add(form)
                elif own >= SHORTEST:
                    found.append((loose, own, template, many, pattern))
    # What has only words without blanks in its fields fits better than what takes sentences.
    found.sort(key=lambda each: (each[0], -each[1]))
    return frozenset(whole), [each[2:] for each in found]


def _entries() -> Iterator[tuple[str, str | None]]:
    for file in sorted(CATALOGUES.glob("*.po")):
        with file.open("rb") as opened:
            catalogue = read_po(opened, locale="zh_CN")
        for message in catalogue:
            if isinstance(message.id, str):
                yield message.id, None
            else:
                yield message.id[0], message.id[1]


def _pattern(template: str, filling: str) -> tuple[re.Pattern[str] | None, int]:
    """Return what a template fits, None for one without plain fields, and its own characters."""
    pattern, own, seen = "", 0, set[str]()
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return None, 0
    for literal, name, form, conversion in parts:
        pattern += re.escape(literal)
        own += len(literal)
        if name is None:
            continue
        if form or conversion:
            return re.compile("(?!)"), 0
        pattern += f"(?P={name})" if name in seen else f"(?P<{name}>{filling})"
        seen.add(name)
    return (re.compile(pattern, re.DOTALL) if seen else None), own
