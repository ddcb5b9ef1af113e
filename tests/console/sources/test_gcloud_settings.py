from __future__ import annotations

from pathlib import Path

import pytest

from console.model.projects import GcloudSettings
from console.sources.gcloud_settings import gcloud_settings

DEFAULT = "[core]\naccount = ada@example.com\nproject = first\n\n[compute]\nregion = us-east4\n"
WORK = "[core]\nproject = second\n[compute]\nregion = us-east4\n[run]\nregion = europe-west1\n"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    configurations = tmp_path / ".config" / "gcloud" / "configurations"
    configurations.mkdir(parents=True)
    (configurations / "config_default").write_text(DEFAULT)
    (configurations / "config_work").write_text(WORK)
    return {"HOME": str(tmp_path)}


def activate(environment: dict[str, str], name: str) -> None:
    (Path(environment["HOME"]) / ".config" / "gcloud" / "active_config").write_text(name)


def test_without_gcloud_nothing_is_set(tmp_path: Path) -> None:
    assert gcloud_settings({"HOME": str(tmp_path)}) == GcloudSettings()


def test_the_default_configuration_counts_where_none_was_chosen(
    environment: dict[str, str],
) -> None:
    assert gcloud_settings(environment) == GcloudSettings("ada@example.com", "first", "us-east4")


def test_the_active_configuration_counts_and_its_region_for_cloud_run_first(
    environment: dict[str, str],
) -> None:
    activate(environment, "work\n")
    assert gcloud_settings(environment) == GcloudSettings(None, "second", "europe-west1")


def test_the_environment_has_the_last_word(environment: dict[str, str]) -> None:
    chosen = environment | {
        "CLOUDSDK_ACTIVE_CONFIG_NAME": "work",
        "CLOUDSDK_CORE_PROJECT": "third",
        "CLOUDSDK_RUN_REGION": "asia-southeast1",
    }
    assert gcloud_settings(chosen) == GcloudSettings(None, "third", "asia-southeast1")


def test_another_folder_may_hold_the_settings(environment: dict[str, str], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "configurations"
    elsewhere.mkdir(parents=True)
    (elsewhere / "config_default").write_text("[core]\nproject = other\n")
    chosen = environment | {"CLOUDSDK_CONFIG": str(elsewhere.parent)}
    assert gcloud_settings(chosen).project == "other"


@pytest.mark.parametrize("name", ["NONE", "missing", "../../secrets", "\x00"])
def test_a_configuration_that_is_none_sets_nothing(environment: dict[str, str], name: str) -> None:
    activate(environment, name)
    assert gcloud_settings(environment) == GcloudSettings()


@pytest.mark.parametrize("text", ["no section = 1", "[core\nproject", "[core]\nproject = %(x)s\n"])
def test_damaged_files_do_no_harm(environment: dict[str, str], text: str) -> None:
    path = Path(environment["HOME"]) / ".config/gcloud/configurations/config_default"
    path.write_text(text)
    assert gcloud_settings(environment).account is None


def test_what_is_set_is_safe_to_show(environment: dict[str, str]) -> None:
    path = Path(environment["HOME"]) / ".config/gcloud/configurations/config_default"
    path.write_text("[core]\nproject = \x1b[31mred\n")
    assert gcloud_settings(environment).project == "red"
