"""Flags before environment before defaults, and one line for whatever cannot be used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import engine.settings
from engine import demo
from engine.cli import main
from engine.settings import InvalidSetting, Settings, check_directory
from engine.weights.bucket.address import BucketAddress


def test_without_flags_and_environment_the_defaults_hold() -> None:
    assert Settings.from_sources({}, {}) == Settings()


def test_a_flag_wins_over_the_environment() -> None:
    settings = Settings.from_sources({"port": "0", "models": "/a"}, {"PORT": "80"})

    assert (settings.port, settings.models) == (0, Path("/a"))


def test_the_environment_wins_over_the_defaults() -> None:
    environ = {
        "ZIMAGE_MODELS": "/models",
        "ZIMAGE_MODELS_FALLBACK": "/app",
        "ZIMAGE_DEVICE": "cpu",
        "ZIMAGE_THREADS": "4",
        "ZIMAGE_QUEUE": "3",
        "ZIMAGE_DEADLINE": "90",
        "ZIMAGE_REQUEST_SECONDS": "5",
        "ZIMAGE_CONNECTIONS": "70",
        "ZIMAGE_PROXIES": "2",
        "ZIMAGE_CORS_ORIGINS": "https://a.example, http://localhost:3000/",
        "ZIMAGE_PNG_METADATA": "off",
        "ZIMAGE_LOG_PROMPTS": "yes",
        "ZIMAGE_API_KEY": "secret",
        "GOOGLE_CLOUD_PROJECT": "shop",
    }

    settings = Settings.from_sources({"models": None}, environ)

    assert settings == Settings(
        models=Path("/models"),
        models_fallback=Path("/app"),
        device="cpu",
        threads=4,
        queue=3,
        deadline=90,
        request_seconds=5,
        connections=70,
        proxies=2,
        cors_origins=("https://a.example", "http://localhost:3000"),
        png_metadata=False,
        log_prompts=True,
        api_key="secret",
        project="shop",
    )


def test_a_platform_that_sets_the_port_is_served_from_outside() -> None:
    settings = Settings.from_sources({}, {"PORT": "8080"})

    assert (settings.host, settings.port) == ("0.0.0.0", 8080)


def test_vertex_ai_names_the_port_and_the_routes_in_its_own_way() -> None:
    environ = {
        "AIP_HTTP_PORT": "8080",
        "AIP_PREDICT_ROUTE": "/v1/endpoints/1/deployedModels/2:predict",
        "AIP_HEALTH_ROUTE": "/ping",
    }

    settings = Settings.from_sources({}, environ)

    assert (settings.host, settings.port) == ("0.0.0.0", 8080)
    assert settings.predict_route == "/v1/endpoints/1/deployedModels/2:predict"
    assert settings.health_route == "/ping"


def test_help_names_every_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])

    named = set(re.findall(r"`((?:ZIMAGE|AIP)_\w+)`", engine.settings.__doc__ or ""))
    assert named <= set(re.findall(r"\w+", capsys.readouterr().out))
    assert len(named) > 10


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_sources({}, {"PORT": "", "ZIMAGE_MODELS": ""}) == Settings()


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(Settings.from_sources({}, {"ZIMAGE_API_KEY": "secret"}))


@pytest.mark.parametrize(
    ("flags", "environ", "message"),
    [
        ({}, {"AIP_PREDICT_ROUTE": "predict"}, "write a path that begins with /"),
        ({}, {"AIP_HEALTH_ROUTE": "/{name}"}, "write a path that begins with /"),
        ({"port": "http"}, {}, "--port is 'http': write a whole number from 0 to 65535"),
        ({"port": "65536"}, {}, "--port is '65536'"),
        ({}, {"PORT": "-1"}, "PORT is '-1'"),
        ({"threads": "0"}, {}, "--threads is '0'"),
        ({}, {"ZIMAGE_DEVICE": "tpu"}, "ZIMAGE_DEVICE is 'tpu': choose one of auto, cpu, cuda"),
        ({}, {"ZIMAGE_LOG_PROMPTS": "maybe"}, "ZIMAGE_LOG_PROMPTS is 'maybe': write 1"),
        ({"models": "gs://Bucket"}, {}, "--models is 'gs://Bucket': write gs://BUCKET"),
        ({}, {"ZIMAGE_MODELS": "gs://bucket//x"}, "write the folder after the bucket"),
    ],
)
def test_a_bad_value_is_named_with_its_mend(
    flags: dict[str, str | None], environ: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidSetting) as error:
        Settings.from_sources(flags, environ)

    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_without_a_directory_the_bundled_model_is_used() -> None:
    assert Settings().models_directory() == demo.files_directory()


def test_a_directory_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="does not exist; name the directory"):
        check_directory(tmp_path / "missing")


def test_a_file_is_not_a_directory(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.touch()

    with pytest.raises(InvalidSetting, match="is a file, not a directory"):
        check_directory(file)


def test_an_impossible_path_is_refused_like_a_missing_one() -> None:
    with pytest.raises(InvalidSetting, match="model directory"):
        check_directory(Path("a" * 5_000))


@pytest.mark.parametrize("first", ["missing", "empty"])
def test_the_fallback_is_taken_when_the_directory_holds_nothing(tmp_path: Path, first: str) -> None:
    (tmp_path / "empty").mkdir()
    fallback = tmp_path / "app"
    fallback.mkdir()
    (fallback / "model.gguf").touch()

    assert (
        Settings(models=tmp_path / first, models_fallback=fallback).models_directory() == fallback
    )


def test_the_fallback_is_left_alone_when_the_directory_holds_something(tmp_path: Path) -> None:
    models, fallback = tmp_path / "models", tmp_path / "app"
    for directory in (models, fallback):
        directory.mkdir()
        (directory / "model.gguf").touch()

    assert Settings(models=models, models_fallback=fallback).models_directory() == models


@pytest.mark.parametrize("made", [True, False], ids=["empty", "missing"])
def test_with_nothing_in_the_fallback_either_the_first_is_spoken_of(
    tmp_path: Path, made: bool
) -> None:
    models, fallback = tmp_path / "models", tmp_path / "app"
    if made:
        fallback.mkdir()

    with pytest.raises(InvalidSetting, match=re.escape(f"{models} does not exist")):
        Settings(models=models, models_fallback=fallback).models_directory()


def test_a_bucket_is_a_place_for_models(tmp_path: Path):
    named = Settings.from_sources({"models": "gs://bucket/z image/"}, {})
    assert named.models_directory() == BucketAddress("bucket", "z image")
    assert str(named.models) == "gs://bucket/z image"


def test_a_bucket_stands_in_for_an_empty_directory(tmp_path: Path):
    settings = Settings.from_sources(
        {}, {"ZIMAGE_MODELS": str(tmp_path), "ZIMAGE_MODELS_FALLBACK": "gs://bucket"}
    )
    assert settings.models_directory() == BucketAddress("bucket")
