"""Training runs in stages that go on where they stopped, and ends in files the engine reads."""

import random
from functools import partial
from pathlib import Path

import pytest
import torch

from engine.demo.album import draw_album
from engine.demo.optimiser import Ensemble, orthogonalise, rate_at
from engine.demo.painter import engine_painter
from engine.demo.progress import run_stage
from engine.demo.tokenizer_training import train_vocabulary
from engine.demo.train import train
from engine.demo.vae_training import VaeTraining


class Counting:
    """A stage whose training is to count, and which may break down."""

    steps = 5

    def __init__(self, breaks_at: int | None = None) -> None:
        self.seen: list[int] = []
        self._breaks_at = breaks_at

    def advance(self, step: int) -> dict[str, float]:
        if step == self._breaks_at:
            raise RuntimeError("power cut")
        self.seen.append(step)
        return {"loss": 1.0 / (step + 1)}

    def report(self) -> dict[str, float]:
        return {"seen": float(len(self.seen))}

    def state(self) -> dict[str, object]:
        return {"seen": self.seen}

    def restore(self, state: dict[str, object]) -> None:
        self.seen = list(state["seen"])  # type: ignore[call-overload]


def test_a_finished_stage_is_not_run_again(tmp_path: Path):
    assert run_stage("count", tmp_path, Counting).seen == [0, 1, 2, 3, 4]  # type: ignore[attr-defined]
    again = run_stage("count", tmp_path, lambda: Counting(breaks_at=0))
    assert again.seen == [0, 1, 2, 3, 4]  # type: ignore[attr-defined]


def test_a_stage_that_broke_down_goes_on_from_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.demo.progress._CHECKPOINT_SECONDS", -1.0)
    with pytest.raises(RuntimeError, match="power cut"):
        run_stage("count", tmp_path, lambda: Counting(breaks_at=3))
    second = Counting()
    run_stage("count", tmp_path, lambda: second)
    assert second.seen == [0, 1, 2, 3, 4]


@pytest.mark.thorough
def test_an_autoencoder_restored_takes_the_same_next_step():
    album = draw_album(seed=0, count=6)
    first = VaeTraining(album, steps=4, seed=0)
    first.advance(0)
    state = first.state()
    second = VaeTraining(album, steps=4, seed=0)
    second.restore(state)
    assert first.advance(1) == second.advance(1)


def test_orthogonalised_matrices_have_singular_values_near_one():
    torch.manual_seed(0)
    for shape in ((3, 8, 32), (2, 32, 8)):
        values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)))
        assert values.min() > 0.4
        assert values.max() < 1.4


def test_both_optimisers_bring_a_small_network_to_its_target():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Linear(16, 8))
    optimiser = Ensemble(network, {"0.weight"}, muon_lr=0.02, adam_lr=0.01)
    inputs = torch.randn(64, 8)
    losses = []
    for _ in range(150):
        loss = (network(inputs) - inputs).square().mean()
        loss.backward()
        optimiser.step(1.0)
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]


def test_the_rate_rises_holds_and_falls():
    assert rate_at(0.0) < 0.01
    assert rate_at(0.1) == rate_at(0.4) == 1.0
    assert rate_at(0.75) == pytest.approx(0.5)
    assert rate_at(1.0) == 0.02


def test_crops_are_squares_of_their_pictures():
    album = draw_album(seed=0, count=4)
    crops = album.crops(random.Random(0), [0, 1, 2, 3, 0], side=64)
    assert crops.shape == (5, 3, 64, 64)
    whole = album.crops(random.Random(0), [2], side=128)
    torch.testing.assert_close(whole[0], album.pictures[2] / 127.5 - 1)


@pytest.mark.thorough
@pytest.mark.filterwarnings("default")
def test_a_training_of_a_few_steps_ends_in_files_that_the_engine_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Every stage runs as it is; only fewer prompts and pictures are looked at between the steps.
    monkeypatch.setattr("engine.demo.train.train_vocabulary", partial(train_vocabulary, corpus=500))
    for constant in (
        "vae_training._CHECKED_SCENES",
        "text_training._CHECKED_PROMPTS",
        "transformer_training._CHECKED_PROMPTS",
    ):
        monkeypatch.setattr(f"engine.demo.{constant}", 3)
    train(tmp_path / "out", tmp_path / "work", seed=0, share=0.0004)
    assert engine_painter(tmp_path / "out")("a red circle", 1).shape == (128, 128, 3)
