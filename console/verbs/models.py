"""The verb `models`: model files on this machine and in a bucket, without a screen."""

from __future__ import annotations

from collections.abc import Mapping

from console.config import Config


def models(config: Config, arguments: Mapping[str, object]) -> int:
    """Carry out one of the verbs of `models`; returns its exit code."""
    match arguments["models_verb"]:
        case "push":
            from console.verbs.models_push import push

            return push(config, arguments)
        case "verify":
            from console.verbs.models_verify import verify

            return verify(config, arguments)
        case "pull":
            from console.verbs.models_pull import pull_models

            return pull_models(config, arguments)
        case "bucket":
            from console.verbs.models_bucket import bucket

            return bucket(config, arguments)
        case _:
            from console.verbs.models_list import list_models

            return list_models(config, arguments)
