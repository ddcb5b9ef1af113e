"""What the verbs of `models` print in Chinese, and their help."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from in_languages import in_chinese
from model_file_scenes import BUCKET, ENCODER, LIVE, NOW, OLD, REPLACED, UNET, UPLOAD, VAE, stored
from rich.cells import cell_len

from console.cli import main
from console.model.models.bucket_plan import plan_changes, plan_creation
from console.model.models.bucket_settings import BucketSettings, SafeSettings
from console.model.models.local_set import LeftOut, LocalFile, LocalSet
from console.model.models.published import chosen_files
from console.model.models.pulling import (
    Checksum,
    Digest,
    FileProgress,
    PullPlan,
    PullProgress,
    Stage,
    StatedFile,
)
from console.model.models.pulling import PlannedFile as PlannedPull
from console.model.models.pulling import Standing as PullStanding
from console.model.models.push_plan import PlannedFile, PushPlan, Standing
from console.model.models.push_progress import FileStage, PushedFile, PushProgress
from console.model.models.snapshot import FileHere
from console.model.models.told_parts import ToldParts
from console.model.models.upload_record import FileIdentity
from console.model.models.verification import Digests, against_file
from console.model.storage import ObjectList
from console.model.text import SafeText
from console.session.transfer.place import Place
from console.session.transfer.push_planning import LocalFacts
from console.sources.prices import packaged_prices
from console.verbs import models_bucket_words, models_push_words
from console.verbs.models_list_words import Listing, print_list
from console.verbs.models_verify import verdict_lines
from console.verbs.pull_report import outcome_lines, print_plan
from console.verbs.pull_report import progress_text as pull_progress_text
from console.verbs.transfer_line import progress_text as push_progress_text
from console.verbs.wrapped import print_wrapped

PRICES = packaged_prices()
WIDTH = 80
SAFE = SafeSettings("us-central1", reader="us-central1")
SLOPPY = BucketSettings(
    name=SafeText("acme-models"),
    location=SafeText("EUROPE-WEST1"),
    storage_class=SafeText("NEARLINE"),
    uniform_access=False,
    versioned=True,
    requester_pays=True,
)
Matches = Callable[[str, str], None]

pytestmark = in_chinese


def wrapped(lines: Iterable[str]) -> str:
    stream = io.StringIO()
    print_wrapped(lines, stream, WIDTH)
    return without_ends(stream.getvalue())


def without_ends(said: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in said.splitlines())


def planned(file: FileHere, standing: Standing, begun: int = 0) -> PlannedFile:
    local = LocalFile(
        path=f"/m/{file.name}", name=file.name, part=file.part, types=(("Q4_K", 180), ("F32", 145))
    )
    there = stored(file, size=4_100_000_000) if standing is Standing.DIFFERENT else None
    return PlannedFile(local, FileIdentity(file.size, 0, 0, 0, 0), standing, there, begun)


PUSH = PushPlan(
    bucket="zimage-models",
    directory="/m",
    files=(
        planned(UNET, Standing.DIFFERENT),
        planned(ENCODER, Standing.NEW, 1_200_000_000),
        planned(VAE, Standing.SAME),
    ),
    rate=18_300_000.0,
)
PLACE = Place(BUCKET, ObjectList((*LIVE, OLD, REPLACED)), (UPLOAD,))


def test_the_plan_of_a_push_and_what_came_of_it(language: str, matches_golden: Matches) -> None:
    odd = LeftOut("lost.gguf", "失效的链接")
    here = LocalFacts(LocalSet("/m", tuple(each.file for each in PUSH.files)), odd=(odd,))
    lines = [*models_push_words.plan_lines(here, PLACE, PUSH, PRICES), ""]
    sent = [
        PushedFile(each.file.name, each.size, sent=each.missing, stage=FileStage.SENT)
        for each in PUSH.files
    ]
    progress = PushProgress((replace(sent[0], again=8_388_608, failures=2), *sent[1:]))
    lines += [*models_push_words.result_lines(PUSH, progress, 345.0), ""]
    some = PushProgress((*sent[:2], replace(sent[2], stage=FileStage.FAILED)))
    lines += models_push_words.result_lines(PUSH, some, 345.0)

    matches_golden("verb-models-push", wrapped(lines))


def test_how_far_a_push_is(language: str) -> None:
    file = PushedFile(UNET.name, UNET.size, arrived=1_000_000_000, stage=FileStage.SENDING)
    waiting = replace(file, note=SafeText("没有网络"))

    assert push_progress_text(PushProgress((waiting,), 10_000_000.0)) == (
        "已完成 20 %，共 5.0 GB · 10.0 MB/s · 剩余 7 分钟 · "
        "z_image_turbo-Q4_K_M.gguf 20 %，剩余 7 分钟 · 等待中：没有网络"
    )


def pull_plan() -> PullPlan:
    standings = (PullStanding.BEGUN, PullStanding.MISSING, PullStanding.HERE)
    files = []
    for file, standing in zip(chosen_files("Q4_K_M", "Q4_K_M"), standings, strict=True):
        checksum = Checksum(Digest.SHA256, file.sha256 or "a" * 64)
        have = {PullStanding.HERE: file.size, PullStanding.BEGUN: 1_200_000_000}.get(standing, 0)
        files.append(PlannedPull(StatedFile(file, file.size, checksum, "0" * 40), standing, have))
    return PullPlan(
        directory="/m",
        endpoint=SafeText("https://huggingface.co"),
        files=tuple(files),
        free=42_000_000_000,
        beside=(SafeText("old.gguf"),),
        measured=True,
        rate=18_300_000.0,
    )


def test_the_plan_of_a_pull_and_what_came_of_it(
    language: str, matches_golden: Matches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    plan, stream = pull_plan(), io.StringIO()
    print_plan(plan, stream, choices=True)
    files = [
        FileProgress(each.stated.file.name, each.stated.size, each.stated.size, stage=Stage.DONE)
        for each in plan.files
    ]
    came = PullProgress((*files[:2], replace(files[2], stage=Stage.HERE)))
    whole = replace(plan, beside=())
    lines = ["", *outcome_lines(plan, came), "", *list(outcome_lines(whole, came))[-1:]]

    matches_golden("verb-models-pull", without_ends(stream.getvalue() + "\n".join(lines)))


def test_how_far_a_pull_is(language: str) -> None:
    file = FileProgress("ae.safetensors", 335_304_388, 100_000_000, stage=Stage.CHECKING)

    assert pull_progress_text(PullProgress((file,))) == (
        "100.0 MB / 335.3 MB，30 %，正在校验 ae.safetensors"
    )
    assert pull_progress_text(PullProgress((file,), 10_000_000.0)) == (
        "100.0 MB / 335.3 MB，30 %，10.0 MB/s，剩余 24 s"
    )


def test_what_is_in_a_bucket(language: str, matches_golden: Matches) -> None:
    stream = io.StringIO()
    print_list(Listing(PLACE, ToldParts(), PRICES), NOW, stream, WIDTH)
    said = without_ends(stream.getvalue())

    matches_golden("verb-models-list", said)
    ends = {cell_len(line) for line in re.findall(r"^\S+ +.*\$0\.\d\d$", said, re.M)}
    assert ends == {cell_len(said.splitlines()[1])}


def test_whether_files_are_the_same(language: str, matches_golden: Matches) -> None:
    live = {each.name: each for each in LIVE}
    verified = [
        against_file(UNET.name, Digests(UNET.size, "yZRlqg==", "0" * 64), live[UNET.name]),
        against_file(ENCODER.name, Digests(ENCODER.size, "AAAAAA==", ""), live[ENCODER.name]),
        against_file(VAE.name, Digests(VAE.size - 1, "yZRlqg==", ""), live[VAE.name]),
        against_file("new.gguf", Digests(1, "", ""), None),
    ]
    lacking = replace(PLACE, found=ObjectList(LIVE[:1]))

    matches_golden("verb-models-verify", wrapped(verdict_lines(lacking, verified)))


def test_the_plan_of_a_bucket_and_what_came_of_it(language: str, matches_golden: Matches) -> None:
    made = plan_creation("acme-models", "acme", SAFE, PRICES)
    changed = plan_changes(SLOPPY, "acme", SAFE, PRICES)
    lines = [*models_bucket_words.plan_lines(made, WIDTH), "", ""]
    lines += [*models_bucket_words.plan_lines(changed, WIDTH), "", ""]
    lines += [*models_bucket_words.result_lines(made, changed), "", ""]
    lines += [*models_bucket_words.result_lines(changed, changed)]

    matches_golden("verb-models-bucket", without_ends("\n".join(lines)))


@pytest.mark.parametrize("verb", ["", "push", "pull", "verify", "list", "bucket"])
def test_the_help(
    language: str,
    verb: str,
    matches_golden: Matches,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit):
        main(["--lang", language, "models", *filter(None, [verb]), "--help"])

    matches_golden(f"verb-models-help{verb and '-'}{verb}", capsys.readouterr().out)
