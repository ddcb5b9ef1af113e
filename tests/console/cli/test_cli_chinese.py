"""The command line in Chinese: its help, its refusals, and what verbs print; JSON is as ever."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import pytest
from cloud_scenes import NOW, SNAPSHOTS
from in_languages import HAN, in_chinese, in_every_language
from rich.cells import cell_len

from console.cli import main
from console.language import tr
from console.model.images import Run, RunState
from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.startup.argument_parser import ITS_OWN
from console.verbs.progress_line import progress_text
from console.verbs.reports import print_status
from engine.schema import GenerationRequest, Phase, StartupEvent

pytestmark = pytest.mark.usefixtures("at_home")

_FIELDS = re.compile(r"%(?:\(\w+\))?[rs]")
ENGINE = """\
服务      local
状态      就绪
模型      z-image-demo
文件      引擎自带
就绪用时  1.25 s

启动             始      终
打开端口         0.00 s  0.20 s
vae.safetensors  0.50 s  1.00 s  1.0 MB, 2 MB/s
预热             1.00 s  1.25 s
"""
SERVICE = """\
上下文    sandbox
状态      就绪
服务      sandbox/local-1/zimage
修订版本  zimage-00002-xyz
就绪      是：可以处理请求
镜像      local-1-docker.pkg.dev/sandbox/zimage/demo@sha256:9f1c2e3a4b5c6d7e8f90
规格      4 CPU · 16Gi · nvidia-l4
实例      1
访问      –
流量      90 % zimage-00001-abc · 10 % zimage-00002-xyz
请求      最近一小时 43 个 · 1 个失败 · p50 2.1 s · p95 41.0 s
模型      正在询问 … · gs://sandbox-models 挂载于 /models
网址      http://127.0.0.1:40321
更改      2 天前
"""


def left(*arguments: str) -> int:
    """Run the command line, and return its exit code however it ends."""
    try:
        return main(arguments)
    except SystemExit as ended:
        return int(str(ended.code))


@in_every_language
def test_the_whole_help_is_in_one_language(
    language: str, matches_golden: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert left("--lang", language, "--help") == 0
    matches_golden("cli-help", capsys.readouterr().out)


VERBS = (
    *(("status",), ("coldstarts",), ("logs",), ("cost",), ("doctor",), ("generate",)),
    *(("models",), ("models", "list"), ("models", "push"), ("models", "pull")),
    *(("models", "verify"), ("models", "bucket")),
    *(("deploy",), ("scale",), ("rollback",), ("traffic",), ("destroy",)),
)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_the_help_of_a_verb_is_in_chinese_and_fits(
    verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert left("--lang", "zh", *verb, "--help") == 0
    usage, *parts = capsys.readouterr().out.split("\n\n")
    assert usage.startswith("用法：zimage-console")
    options = next(part for part in parts if part.startswith("选项："))
    for line in options.splitlines():
        assert cell_len(line) <= 80
    # Every flag is explained, beside it or in the line below.
    told = re.sub(r"\n {10,}", " ", options).splitlines()[1:]
    assert [line for line in told if not HAN.search(line)] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nowhere"], "无法识别的参数：--nowhere"),
        (["stats"], "参数 VERB：'stats' 不在可选值之列（可选：'status', 'coldstarts'"),
        (["--images", "big"], "参数 --images：'big' 不在可选值之列（可选：'auto'"),
        (["--models"], "参数 --models：需要一个值"),
        (["generate"], "缺少必需的参数：prompt"),
        (["generate", "x", "--steps", "many"], "参数 --steps：int 的值无效：'many'"),
        (["doctor", "--for", "x"], "参数 --for：'x' 不在可选值之列（可选：'deploy', 'look'）"),
        (["logs", "--limit", "x"], "参数 --limit：'x' 不是 0 到 1000000 之间的数"),
        (["doctor", "--cpu", "--gpu"], "参数 --gpu：不能与参数 --cpu 同时使用"),
        (["status", "--read-only=x"], "参数 --read-only：不接受值 'x'"),
    ],
    ids=str,
)
def test_a_refusal_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert left("--lang=zh", *arguments) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert re.match(r"zimage-console[a-z ]*: ", err)
    assert said in err
    assert err.endswith(" --help\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["generate", " "], "提示词为空；请用文字描述图片"),
        (["generate", "x" * 10_000], "提示词有 10,000 个字符，模型最多读取 "),
        (["generate", "x", "--size", "big"], "尺寸 'big' 不是“宽x高”的形式"),
        (["generate", "x", "--size", "100x100"], "尺寸 100x100 不可用：每边必须是 16 的倍数"),
        (["generate", "x", "--steps", "0"], "步数 0 不可用：请选 1 到 50（模型按 8 步设计）"),
        (["generate", "x", "--seed", "-1"], "种子 -1 不在 0 到 "),
        (["generate", "x", "-o", "/"], "/ 是目录；请指定其中的文件"),
        (["--context", "a/b"], "上下文 "),
        (["--lang", "fr"], "命令行中的设置 'lang' 必须是 en、zh 之一，而不是 'fr'"),
        ([], "控制台需要终端，而标准输入不是终端；不需要屏幕的命令：zimage-console status"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZIMAGE_LANG", "zh")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert left(*arguments) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith("zimage-console: ")
    assert said in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "中的设置 'colour' 无法识别；可用的有 context、models、"),
        ("contxt = 'local'", "中的设置 'contxt' 无法识别；是否指 'context'？"),
        ("models = 1", "中的设置 'models' 必须是带引号的文本，而不是 1"),
        ("read_only = 'maybe'", "中的设置 'read_only' 必须是 true 或 false，而不是 'maybe'"),
        ("images = 'big'", "images 的值 'big' 无法识别；可选 auto、kitty、"),
        ("lang = 'fr'", "中的设置 'lang' 必须是 en、zh 之一，而不是 'fr'"),
        ("= 1", "不是有效的 TOML："),
    ],
)
def test_a_configuration_that_makes_no_sense_is_one_line(
    text: str,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    file = tmp_path / "XDG_CONFIG_HOME" / "zimage-console" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    assert left("cost") == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert said in err


@in_chinese
@pytest.mark.parametrize("template", ITS_OWN)
def test_what_argparse_says_has_its_fields_in_chinese_too(language: str, template: str) -> None:
    assert sorted(_FIELDS.findall(tr(template))) == sorted(_FIELDS.findall(template))
    assert HAN.search(tr(template))


def status_of(snapshot: ServiceSnapshot) -> str:
    stream = io.StringIO()
    print_status(snapshot, stream, NOW)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


@in_chinese
def test_the_status_of_an_engine_is_told(language: str) -> None:
    snapshot = ServiceSnapshot(
        state=ServiceState.READY,
        model=SafeText("z-image-demo"),
        timeline=(
            StartupEvent(Phase.PROCESS_START, 0.0),
            StartupEvent(Phase.PORT_OPEN, 0.2),
            StartupEvent(Phase.WEIGHTS_READ, 1.0, "vae.safetensors", 1_000_000, 0.5),
            StartupEvent(Phase.WARM, 1.25),
            StartupEvent(Phase.READY, 1.25),
        ),
    )
    assert status_of(snapshot) == ENGINE


@in_chinese
def test_the_status_of_a_service_is_told(language: str) -> None:
    assert status_of(replace(SNAPSHOTS["split"](), access=None, timeline=())) == SERVICE


@in_chinese
def test_how_far_a_picture_is_is_told(language: str) -> None:
    ready = ServiceSnapshot(state=ServiceState.READY)
    run = Run(1, GenerationRequest("x"), RunState.RUNNING, total=8)
    assert progress_text(ready, [replace(run, position=2)]) == "正在排队，前面有 2 个"
    assert progress_text(ready, [replace(run, tokens=3, step=5)]) == "第 5 步，共 8 步"
    assert progress_text(ready, []) == "就绪"


def test_what_takes_no_chinese_is_told_in_english(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def help_on(stream: TextIO) -> str:
        monkeypatch.setattr("sys.stderr", stream)
        left("--lang", "zh", "--help")
        return capsys.readouterr().out

    assert HAN.search(help_on(io.TextIOWrapper(io.BytesIO(), "gb18030")))
    assert HAN.search(help_on(io.TextIOWrapper(io.BytesIO(), "utf-8")))
    for encoding in ("ascii", "latin-1"):
        assert help_on(io.TextIOWrapper(io.BytesIO(), encoding)).startswith("usage: ")
