import pytest

from console.model.service import Condition, Revision, SafeText, ServiceName


def test_a_name_is_read_as_people_write_it() -> None:
    name = ServiceName.parse(" my-project/us-central1/z-image ")

    assert name == ServiceName("my-project", "us-central1", "z-image")
    assert str(name) == "my-project/us-central1/z-image"


def test_a_name_is_read_as_google_writes_it() -> None:
    name = ServiceName("my-project", "us-central1", "z-image")

    assert ServiceName.parse(name.resource) == name


@pytest.mark.parametrize("project", ["example.com:my-project", "123456789", "p2"])
def test_projects_of_every_kind_are_known(project: str) -> None:
    assert ServiceName.parse(f"{project}/us-central1/z").project == project


@pytest.mark.parametrize("text", ["", "z-image", "p/us-central1", "a/b/c/d", "projects/p/x/y/z/w"])
def test_what_is_no_name_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write PROJECT/REGION/SERVICE"):
        ServiceName.parse(text)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("My-Project/us-central1/z", "'My-Project' in .* cannot be a project"),
        ("my-project/US/z", "'US' in .* cannot be a region"),
        ("my-project/us-central1/z image", "'z image' in .* cannot be a service"),
        ("my-project/us-central1/-z", "cannot be a service"),
        ("../../z", "cannot be a project"),
        ("my-project/us-central1/z\nx", "cannot be a service"),
    ],
)
def test_the_part_that_is_wrong_is_named(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        ServiceName.parse(text)


def test_a_revision_is_as_ready_as_its_condition_of_that_name() -> None:
    ready = Condition(type=SafeText("Ready"))
    other = Condition(type=SafeText("ContainerHealthy"))

    assert Revision(name=SafeText("z-00001"), conditions=(other, ready)).ready is ready
    assert Revision(name=SafeText("z-00001"), conditions=(other,)).ready is None
