from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.config import Config, ConfigError, load


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_nothing_configured_means_the_engine_on_this_machine_with_its_own_model() -> None:
    config = load({}, {}, None)
    assert config == Config()
    assert (config.context, config.models, config.read_only) == ("local", None, False)


def test_a_file_that_does_not_exist_configures_nothing(file: Path) -> None:
    assert load({}, {}, file) == Config()


def test_flags_win_over_environment_and_environment_over_file(file: Path) -> None:
    file.write_text('models = "/file"\npictures = "/file"\nimages = "half"\n')
    environment = {"ZIMAGE_MODELS": "/environment", "ZIMAGE_PICTURES": "/environment"}
    config = load({"models": "/flag", "pictures": None}, environment, file)
    assert config.models == "/flag"
    assert config.pictures_directory == Path("/environment")
    assert config.images == "half"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load({}, {"ZIMAGE_MODELS": ""}, None).models is None


def test_paths_are_absolute_and_know_the_home_directory() -> None:
    config = load({"models": "models", "pictures": "~/pictures"}, {}, None)
    assert config.models == str(Path.cwd() / "models")
    assert config.pictures_directory == Path.home() / "pictures"


def test_a_bucket_is_no_path() -> None:
    assert load({"models": "gs://bucket/z-image"}, {}, None).models == "gs://bucket/z-image"


@pytest.mark.parametrize("context", ["local", "sandbox", "my-project/us-central1/z-image"])
def test_a_context_is_an_engine_here_a_cloud_for_practice_or_a_service(context: str) -> None:
    assert load({"context": context}, {}, None).context == context


def test_looks_are_left_to_the_terminal_unless_somebody_chooses(file: Path) -> None:
    assert (load({}, {}, None).theme, load({}, {}, None).ascii) == ("auto", None)
    file.write_text('theme = "light"\nascii = true\n')
    assert (load({}, {}, file).theme, load({}, {}, file).ascii) == ("light", True)
    environment = {"ZIMAGE_THEME": "ansi", "ZIMAGE_ASCII": "0"}
    chosen = load({}, environment, file)
    assert (chosen.theme, chosen.ascii) == ("ansi", False)
    assert load({"theme": "dark"}, environment, file).theme == "dark"


@pytest.mark.parametrize(("word", "read_only"), [("1", True), ("true", True), ("No", False)])
def test_read_only_is_read_from_the_environment(word: str, read_only: bool) -> None:
    assert load({}, {"ZIMAGE_READ_ONLY": word}, None).read_only is read_only


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('model = "/x"', "did you mean 'models'?"),
        ("zzz = 1", "known are context, models, pictures, images, read_only"),
        ("models = 3", "'models'"),
        ('read_only = "perhaps"', "true or false"),
        ('images = "ascii"', "auto, kitty, sixel, half, none"),
        ('theme = "pink"', "auto, dark, light, high-contrast, ansi"),
        ('ascii = "perhaps"', "true or false"),
        ("models = ", "not valid TOML"),
        ('context = "cloud"', "write PROJECT/REGION/SERVICE"),
        ('context = "A/b/c"', "cannot be a project"),
        ('models = "  "', "'models'"),
    ],
)
def test_a_file_that_makes_no_sense_is_one_line_with_its_mend(
    file: Path, text: str, said: str
) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load({}, {}, file)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_text_is_one_line(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load({}, {}, file)


def test_a_directory_in_place_of_the_file_is_one_line(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigError, match="cannot read"):
        load({}, {}, file)


@given(st.binary(max_size=100))
def test_whatever_a_file_holds_the_answer_is_a_config_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("config") / "config.toml"
    file.write_bytes(content)
    said = ""
    try:
        load({}, {}, file)
    except ConfigError as refused:
        said = str(refused)
    assert len(said.splitlines()) <= 1
