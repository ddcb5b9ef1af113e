"""What the doctor finds at fixed moments, for tests that look at screens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cloud_scenes import NOW

from console.language import CHINESE, spoken, tr
from console.model.contexts import LOCAL, SANDBOX
from console.model.doctor.checks import ORDER, Check, asked_in
from console.model.doctor.finding import Finding, Mend, State
from console.model.freshness import moment
from console.terminal.sanitise import sanitise

CLOUD = "my-project/us-central1/z-image"
NASTY = (
    "\x1b]52;c;aGk=\x07\x9b31m[/bad][@click=app.quit]\u202egpj.exe[link='a\x00\x7f\ttab\nnewline"
)
EXAMINED = f"examined at {moment(NOW, NOW)}"
LONG = "gcloud services enable " + " ".join(
    f"{name}.googleapis.com" for name in ("run", "artifactregistry", "cloudbuild", "storage")
)
GRANT = (
    "gcloud projects add-iam-policy-binding my-project --member=user:ada@example.com"
    " --role=roles/{}"
)
Told = Callable[[Finding], None]

_WELL = {
    Check.NETWORK: "Google answers within 0.1 s",
    Check.CLOCK: "as the cloud's",
    Check.LOGIN: "ada@example.com, application default credentials, renewed by themselves",
    Check.GCLOUD_LOGIN: "ada@example.com",
    Check.PROJECT: "my-project is there",
    Check.BILLING: "paid for by billingAccounts/0123",
    Check.INTERFACES: "all that are needed are on",
    Check.WATCHING: "all permissions are there",
    Check.DEPLOYING: "all permissions are there",
    Check.STORING: "all permissions are there",
    Check.QUOTAS: "enough for 1 instance of 4 vCPU, 16 GiB and nvidia-l4",
    Check.BUCKET: "gs://my-models, in us-central1, closed to the public",
    Check.SERVICE: "z-image is ready",
    Check.GCLOUD: "528.0.0",
    Check.DOCKER: "28.2.2, and its engine answers",
    Check.BUILD_SPACE: "120 GB free in /var/lib/docker",
    Check.ENGINE: "installed",
    Check.MODELS: "the demo model that comes with the engine",
    Check.MEMORY: "30.1 GB free, about 1.1 GB needed",
    Check.DISK: "412 GB free where the console writes",
    Check.HISTORY: "/home/ada/.local/share/zimage-console/history.sqlite3 can be read",
    Check.TERMINAL: "xterm-256color, all colours, pictures in characters, 120×36",
}
_WRONG = {
    Check.INTERFACES: Finding(
        Check.INTERFACES,
        State.WRONG,
        "off: run.googleapis.com (services), artifactregistry.googleapis.com (images), "
        "cloudbuild.googleapis.com (builds), storage.googleapis.com (models)",
        (Mend(LONG, "it takes a minute until they answer"),),
    ),
    Check.BILLING: Finding(
        Check.BILLING,
        State.WRONG,
        "off: nobody pays for my-project",
        (Mend("gcloud billing projects link my-project --billing-account=ACCOUNT_ID"),),
    ),
    Check.DOCKER: Finding(
        Check.DOCKER, State.WARNING, "it is not installed", (Mend(words="get Docker Engine"),)
    ),
    Check.BUILD_SPACE: Finding(
        Check.BUILD_SPACE,
        State.WARNING,
        "3.1 GB free in /var/lib/docker, an image for GPU takes about 20 GB",
        (
            Mend("docker image rm 0123456789ab", "would remove z-image:1: at most 7.4 GB"),
            Mend(
                "docker builder prune --force --filter id=ym69rgx3jodxzj96n5fxtihtg",
                "would remove 1 cache mount of this project's builds (1.2 GB)",
            ),
            Mend(words="or build in the cloud, which takes no room here"),
        ),
    ),
    Check.QUOTAS: Finding(Check.QUOTAS, State.UNKNOWN, "run.googleapis.com is not enabled"),
    Check.SERVICE: Finding(Check.SERVICE, State.UNKNOWN, "run.googleapis.com is not enabled"),
}
_DENIED = {
    check: Finding(
        check, State.UNKNOWN, f"permission {name} is missing", (Mend(GRANT.format(role)),)
    )
    for check, name, role in (
        (Check.BILLING, "resourcemanager.projects.get", "browser"),
        (Check.BUCKET, "storage.buckets.get", "storage.bucketViewer"),
        (Check.SERVICE, "run.services.get", "run.viewer"),
    )
} | {
    Check.WATCHING: Finding(
        Check.WATCHING,
        State.WRONG,
        "missing: run.services.get, run.revisions.list, logging.logEntries.list",
        (Mend(GRANT.format("run.viewer")), Mend(GRANT.format("logging.viewer"))),
    ),
}
_EVIL = sanitise(NASTY)
_HOSTILE = {
    check: Finding(check, state, _EVIL, (Mend(f"gcloud {_EVIL}", _EVIL), Mend(words=_EVIL)))
    for check, state in zip(ORDER, (*State, *State), strict=False)
}
_IN_CHINESE = {
    "Google answers within 0.1 s": "Google 在 0.1 s 内响应",
    "as the cloud's": "与云端一致",
    "ada@example.com, application default credentials, renewed by themselves": (
        "ada@example.com，应用默认凭据，自动续期"
    ),
    "my-project is there": "my-project 存在",
    "paid for by billingAccounts/0123": "由 billingAccounts/0123 付款",
    "all that are needed are on": "需要的均已启用",
    "all permissions are there": "权限齐全",
    "enough for 1 instance of 4 vCPU, 16 GiB and nvidia-l4": (
        "足够 1 个 4 vCPU、16 GiB、nvidia-l4 的实例"
    ),
    "gs://my-models, in us-central1, closed to the public": (
        "gs://my-models（us-central1），禁止公开访问"
    ),
    "z-image is ready": "z-image 已就绪",
    "28.2.2, and its engine answers": "28.2.2，引擎有响应",
    "120 GB free in /var/lib/docker": "/var/lib/docker 可用 120 GB",
    "installed": "已安装",
    "the demo model that comes with the engine": "引擎自带的演示模型",
    "30.1 GB free, about 1.1 GB needed": "可用 30.1 GB，约需 1.1 GB",
    "412 GB free where the console writes": "控制台写入的位置可用 412 GB",
    "/home/ada/.local/share/zimage-console/history.sqlite3 can be read": (
        "/home/ada/.local/share/zimage-console/history.sqlite3 可读取"
    ),
    "xterm-256color, all colours, pictures in characters, 120×36": (
        "xterm-256color、真彩色、图片用字符显示、120×36"
    ),
    "off: run.googleapis.com (services), artifactregistry.googleapis.com (images), "
    "cloudbuild.googleapis.com (builds), storage.googleapis.com (models)": (
        "未启用：run.googleapis.com（服务）、artifactregistry.googleapis.com（镜像）、"
        "cloudbuild.googleapis.com（构建）、storage.googleapis.com（模型）"
    ),
    "it takes a minute until they answer": "启用后约一分钟才有响应",
    "off: nobody pays for my-project": "未启用：my-project 没有付款账号",
    "it is not installed": "未安装",
    "get Docker Engine": "安装 Docker Engine",
    "3.1 GB free in /var/lib/docker, an image for GPU takes about 20 GB": (
        "/var/lib/docker 可用 3.1 GB，GPU 镜像约需 20 GB"
    ),
    "would remove z-image:1: at most 7.4 GB": "会删除 z-image:1：最多 7.4 GB",
    "would remove 1 cache mount of this project's builds (1.2 GB)": (
        "会删除本项目构建的 1 个缓存挂载（1.2 GB）"
    ),
    "or build in the cloud, which takes no room here": "或在云端构建，不占本机空间",
    "run.googleapis.com is not enabled": "run.googleapis.com 未启用",
    "permission resourcemanager.projects.get is missing": ("缺少权限 resourcemanager.projects.get"),
    "permission storage.buckets.get is missing": "缺少权限 storage.buckets.get",
    "permission run.services.get is missing": "缺少权限 run.services.get",
    "missing: run.services.get, run.revisions.list, logging.logEntries.list": (
        "缺少：run.services.get、run.revisions.list、logging.logEntries.list"
    ),
}
EXAMINATIONS: dict[str, tuple[str, dict[Check, Finding]]] = {
    "well": (CLOUD, {}),
    "local": (LOCAL, {}),
    "wrong": (CLOUD, _WRONG),
    "denied": (CLOUD, _DENIED),
    "hostile": (SANDBOX, _HOSTILE),
}


def findings(name: str) -> tuple[str, tuple[Finding, ...]]:
    """Return a context, and what is found in it in one of the `EXAMINATIONS`."""
    context, changed = EXAMINATIONS[name]
    asked = asked_in(cloud=context == CLOUD, sandbox=context == SANDBOX)
    return context, tuple(
        _as_spoken(changed[check])
        if check in changed
        else (
            Finding(check, State.OK, _spoken(_WELL[check]))
            if check in asked
            else Finding(check, State.NOT_ASKED, tr("no matter in {context}", context=context))
        )
        for check in ORDER
    )


def _as_spoken(finding: Finding) -> Finding:
    mends = tuple(Mend(each.command, _spoken(each.words)) for each in finding.mends)
    return Finding(finding.check, finding.state, _spoken(finding.found), mends)


def _spoken(text: str) -> str:
    return _IN_CHINESE.get(text, text) if spoken() == CHINESE else text


@dataclass
class ScriptedDoctor:
    """Tells what it is told to, one thing after the other; then waits for `may_end`, if at all.

    `contexts` are those that it was asked about, `cancelled` how often nobody waited for it.
    """

    findings: Sequence[Finding]
    may_end: asyncio.Event | None = None
    error: Exception | None = None
    contexts: list[str] = field(default_factory=list)
    cancelled: int = 0

    async def __call__(self, context: str, told: Told) -> None:
        self.contexts.append(context)
        for each in self.findings:
            told(each)
        try:
            if self.may_end is not None:
                await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
