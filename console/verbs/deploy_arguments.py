"""What the command line says of `deploy` and of the verbs that change what is deployed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, Final, TypeVar

from console.language import tr, tr_later
from console.model.deploy.choices import caller, image, secret, variable
from console.model.deploy.written_sizes import read_count, read_cpus, read_memory

_DEPLOY_EXAMPLES: Final = tr_later(
    """\
Without --apply nothing is changed: it says what would be, and what that costs. --commands adds the
commands that do the same by hand and those that undo it, --explain every reason. What is there
already as it should be is left alone, so that the same command goes on where an earlier one was
broken off.

examples:
  zimage-console deploy --gpu --project my-project         what it takes, without a login too
  zimage-console deploy --gpu --context P/R/S --models ~/models/z-image --apply
  zimage-console deploy --cpu --context sandbox/local-1/practice --apply  for practice, at no cost
  zimage-console deploy --gpu --context P/R/S --build cloud --max-instances 2
  zimage-console deploy --gpu --context P/R/S --plan --json | jq '.service'
  zimage-console deploy --cpu --as-in-guide --plan         the commands of the guide as they stand
"""
)
_SCALE_EXAMPLES: Final = tr_later(
    """\
examples:
  zimage-console scale 0 --context P/R/S       end everything that runs, now, and start nothing
  zimage-console scale auto --context P/R/S    as many as are needed, and none when nobody asks
  zimage-console scale 1 --plan --context P/R/S
"""
)
_ROLLBACK_EXAMPLES: Final = tr_later(
    """\
Without a revision it is the one that served before.

examples:
  zimage-console rollback --context P/R/S                    requests to the revision before
  zimage-console rollback z-image-00003-abc --context P/R/S
  zimage-console rollback LATEST --context P/R/S             to the newest, from now on
"""
)
_TRAFFIC_EXAMPLES: Final = tr_later(
    """\
examples:
  zimage-console traffic z-image-00002-abc=90 LATEST=10 --context P/R/S
  zimage-console traffic LATEST=100 z-image-00002-abc=0:before --context P/R/S    with a tag
"""
)
_DESTROY_EXAMPLES: Final = tr_later(
    """\
The name of the service is asked for before anything is removed; --confirm NAME says it where
nobody can be asked. What others use and what the console did not make stays, and is listed.

examples:
  zimage-console destroy --context P/R/S --plan           what would go, and what stays
  zimage-console destroy --context P/R/S
  zimage-console destroy --context P/R/S --with-bucket --confirm z-image
"""
)
_MACHINES: Final = ("e2-medium", "e2-highcpu-8", "e2-highcpu-32", "n1-highcpu-8", "n1-highcpu-32")
"""Source: https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds#machinetype."""

_Read = TypeVar("_Read")
Settings = Callable[[argparse.ArgumentParser], None]


def add_deploying(verbs: Any, add_settings: Settings) -> None:
    """Add `deploy`, `scale`, `rollback`, `traffic` and `destroy`."""
    deploy = _verb(
        verbs, "deploy", tr("deploy the model, or say what that takes"), _DEPLOY_EXAMPLES
    )
    _add_shape(deploy)
    _add_contents(deploy)
    _add_build(deploy)
    _add_safety(deploy)
    deploy.add_argument("--apply", action="store_true", help=tr("carry it out"))
    deploy.add_argument(
        "--explain",
        action="store_true",
        help=tr("say all reasons, and what is not as in the guide"),
    )
    scale = _verb(verbs, "scale", tr("hold so many instances, 0 to stop now"), _SCALE_EXAMPLES)
    scale.add_argument("instances", metavar="N", help=tr("how many; auto: as many as are needed"))
    rollback = _verb(
        verbs, "rollback", tr("send requests to an older revision"), _ROLLBACK_EXAMPLES
    )
    rollback.add_argument("revision", nargs="?", default="", metavar="REVISION")
    traffic = _verb(verbs, "traffic", tr("split requests between revisions"), _TRAFFIC_EXAMPLES)
    traffic.add_argument(
        "shares", nargs="+", metavar="REVISION=PERCENT[:TAG]", help=tr("LATEST is the newest")
    )
    destroy = _verb(verbs, "destroy", tr("remove a deployment"), _DESTROY_EXAMPLES)
    destroy.add_argument(
        "--with-bucket", action="store_true", help=tr("the bucket too, with all that is in it")
    )
    for verb in (deploy, scale, rollback, traffic, destroy):
        add_settings(verb)
        _add_place(verb)
        verb.add_argument(
            "--plan", action="store_true", help=tr("say what would be done, do nothing")
        )
        verb.add_argument(
            "--commands", action="store_true", help=tr("the commands that do the same, and undo it")
        )
        verb.add_argument("--json", action="store_true", help=tr("one JSON document as the answer"))
    for verb in (deploy, destroy):
        verb.add_argument(
            "--confirm", metavar="WORD", default="", help=tr("what would have to be typed")
        )


def _verb(verbs: Any, name: str, words: str, examples: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=words,
        epilog=tr(examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return parser


def _add_place(verb: argparse.ArgumentParser) -> None:
    place = verb.add_argument_group(tr("where, if --context does not say it"))
    place.add_argument("--project", metavar="ID", help=tr("the one that gcloud is set to"))
    place.add_argument(
        "--region", metavar="R", help=tr("the one that gcloud is set to, us-central1")
    )
    place.add_argument("--service", metavar="NAME", help=tr("z-image, on a GPU z-image-gpu"))


def _add_shape(deploy: argparse.ArgumentParser) -> None:
    shape = deploy.add_argument_group(tr("on what"))
    what = shape.add_mutually_exclusive_group()
    what.add_argument("--cpu", action="store_true", help=tr("on 4 processors with 16 GiB (usual)"))
    what.add_argument("--gpu", action="store_true", help=tr("on a GPU, an NVIDIA L4"))
    shape.add_argument("--gpu-type", choices=("l4", "rtx-pro-6000"), help=tr("another GPU"))
    shape.add_argument(
        "--cpus", metavar="N", type=_said(read_cpus), help=tr("processors of an instance")
    )
    shape.add_argument(
        "--memory", metavar="GIB", type=_said(read_memory), help=tr("memory of one, such as 32Gi")
    )
    for flag, words in (
        ("--min-instances", tr("instances that always run, and are always paid for (0)")),
        ("--max-instances", tr("instances that may run at once (1)")),
        ("--concurrency", tr("requests that an instance takes at once (4, on a GPU 1)")),
    ):
        shape.add_argument(flag, metavar="N", type=_said(read_count), help=words)
    shape.add_argument(
        "--timeout", metavar="S", type=_said(read_count), help=tr("seconds for a request")
    )


def _add_contents(deploy: argparse.ArgumentParser) -> None:
    contents = deploy.add_argument_group(tr("of what"))
    contents.add_argument(
        "--bucket",
        metavar="NAME",
        default="",
        help=tr("where the model is (PROJECT-z-image-models)"),
    )
    contents.add_argument("--image", metavar="NAME", type=_said(image), help=tr("a finished image"))
    contents.add_argument(
        "--env",
        action="append",
        default=[],
        type=_said(variable),
        metavar="NAME=VALUE",
        help=tr("a variable of the engine, for everybody to read"),
    )
    contents.add_argument(
        "--secret",
        action="append",
        default=[],
        type=_said(secret),
        metavar="NAME=SECRET",
        help=tr("one whose value Secret Manager has, such as ZIMAGE_API_KEY=my-key"),
    )


def _add_build(deploy: argparse.ArgumentParser) -> None:
    build = deploy.add_argument_group(tr("how its image is built"))
    build.add_argument(
        "--build", choices=("docker", "cloud"), help=tr("here (if Docker runs), or in Cloud Build")
    )
    build.add_argument("--source", metavar="DIR", help=tr("what it is built from: a checkout"))
    build.add_argument("--dockerfile", metavar="FILE", help=tr("by this one of the source"))
    build.add_argument(
        "--build-machine",
        choices=_MACHINES,
        metavar="TYPE",
        help=tr("the machine of Cloud Build: e2-highcpu-8 (usual), e2-highcpu-32, e2-medium"),
    )
    build.add_argument(
        "--build-disk", metavar="GB", type=_number(10, 4_000), help=tr("its disk (100)")
    )
    build.add_argument(
        "--build-timeout", metavar="S", type=_number(60, 86_400), help=tr("seconds for it (3600)")
    )


def _add_safety(deploy: argparse.ArgumentParser) -> None:
    safety = deploy.add_argument_group(tr("for whom"))
    safety.add_argument(
        "--public", action="store_true", help=tr("everybody may call, at your cost")
    )
    safety.add_argument(
        "--caller",
        action="append",
        default=[],
        type=_said(caller),
        metavar="MEMBER",
        help=tr("who may call: user:NAME@DOMAIN"),
    )
    safety.add_argument(
        "--as-in-guide",
        action="store_true",
        help=tr(
            "what the guide's own commands do, public and without a limit; with a --bucket, "
            "since the guide's name is taken"
        ),
    )


def _said(read: Callable[[str], _Read]) -> Callable[[str], _Read]:
    """Return a reader whose refusals reach whoever typed."""

    def reader(text: str) -> _Read:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return reader


def _number(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of numbers from `least` to `most`."""

    def reader(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:7]) <= most):
            raise argparse.ArgumentTypeError(
                tr(
                    "{text!r} is no number from {least} to {most}",
                    text=text[:20],
                    least=least,
                    most=most,
                )
            )
        return int(text)

    return reader
