"""What was wished for before, said again: by the form, and by the verbs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deploy_plan_scenes import PLACE

from console.model.cost.prices import Gpu
from console.model.deploy.choices import Choices
from console.model.deploy.form_fields import Callers, FieldRefused, FormFields, ImageFrom, On
from console.model.deploy.likeness import choices_like
from console.model.deploy.settings import Secret
from console.model.deploy.share_words import read_instances, read_share, shares_text
from console.model.deploy.wish import ImageWay, Variant
from console.model.service import TrafficShare
from console.model.text import SafeText

USUAL = Choices(way=ImageWay.CLOUD_BUILD, source="/src", models="/models")
SAID = {
    "usual": USUAL,
    "gpu": replace(USUAL, variant=Variant.GPU, gpu=Gpu.RTX_PRO_6000, max_instances=3),
    "given": replace(USUAL, image="us-docker.pkg.dev/p/r/z@sha256:1", models=None),
    "all": replace(
        USUAL,
        bucket="mine",
        cpu="8",
        memory="32Gi",
        concurrency=2,
        timeout=600,
        min_instances=1,
        max_instances=2,
        public=True,
        variables=(("A", "b"),),
        secrets=(Secret(variable="KEY", secret="key"),),
    ),
    "callers": replace(USUAL, callers=("user:a@b.example", "group:c@d.example")),
    "guide": replace(USUAL, as_in_guide=True, models="/models"),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_again_of_a_wish_makes_the_same_wish(name: str) -> None:
    wish = SAID[name].wish(PLACE)
    assert choices_like(wish, USUAL).wish(PLACE) == wish


@pytest.mark.parametrize("name", [each for each in SAID if each != "guide"])
def test_a_form_that_nobody_writes_into_wishes_for_what_it_began_with(name: str) -> None:
    before = choices_like(SAID[name].wish(PLACE), USUAL)
    assert FormFields.of(before).read(before).wish(PLACE) == before.wish(PLACE)


def test_on_something_else_nothing_holds_that_was_chosen_for_what_was_before() -> None:
    fields = replace(FormFields.of(SAID["all"]), on=On.L4, cpu="", memory="")
    wish = fields.read(SAID["all"]).wish(PLACE)
    assert wish.settings.gpu is Gpu.L4
    assert (wish.settings.cpu, wish.settings.memory) == ("4", "16Gi")
    assert (wish.settings.concurrency, wish.settings.timeout) == (1, 300)
    assert wish.settings.variables == (("A", "b"),)


def test_without_a_source_the_form_begins_with_an_image_that_there_is() -> None:
    fields = FormFields.of(replace(USUAL, source=""))
    assert fields.image_from is ImageFrom.GIVEN
    with pytest.raises(FieldRefused, match="name an image") as refused:
        fields.read(USUAL)
    assert refused.value.field == "image"


def test_a_bucket_may_be_written_as_an_address() -> None:
    fields = replace(FormFields.of(USUAL), bucket=" gs://mine/ ", callers=Callers.PUBLIC)
    chosen = fields.read(USUAL)
    assert (chosen.bucket, chosen.public) == ("mine", True)


def test_a_split_is_read_as_it_is_written() -> None:
    shares = (TrafficShare(90, SafeText("z-00001-abc")), TrafficShare(10))
    assert shares_text((*shares, TrafficShare(0, SafeText("z-00002-abc"))))
    assert tuple(read_share(each) for each in shares_text(shares).split()) == shares


@pytest.mark.parametrize("written", ["", "-1", "1.5", "٣", "many", "100000"])
def test_what_is_no_number_of_instances_says_how_to_write_one(written: str) -> None:
    with pytest.raises(ValueError, match="write 0, 1, … or auto"):
        read_instances(written)
