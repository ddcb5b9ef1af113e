"""Muon: momentum whose matrices are made orthogonal, which trains small networks quickly.

Source: Keller Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024), with
the step size 0.2 * sqrt(largest dimension) of Liu et al., "Muon is Scalable for LLM Training".
"""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

_NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


class Muon(Optimizer):
    """Orthogonalised momentum for weights of two or more dimensions, flattened to matrices."""

    def __init__(self, weights: Iterable[Tensor], lr: float, momentum: float = 0.95) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move every weight that has a gradient; matrices of one shape are made so together."""
        for group in self.param_groups:
            alike: dict[tuple[int, int], list[Tensor]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    alike[len(weight), weight[0].numel()].append(weight)
            for shape, weights in alike.items():
                pushes = [self._push(weight, group["momentum"]) for weight in weights]
                moves = orthogonalise(torch.stack(pushes)) * (group["lr"] * 0.2 * max(shape) ** 0.5)
                for weight, move in zip(weights, moves, strict=True):
                    weight.sub_(move.view(weight.shape))

    def _push(self, weight: Tensor, momentum: float) -> Tensor:
        """Update a weight's velocity; return Nesterov's look-ahead of it as a matrix."""
        gradient = weight.grad
        assert gradient is not None
        state = self.state[weight]
        if "velocity" not in state:
            state["velocity"] = torch.zeros_like(weight)
        velocity: Tensor = state["velocity"].lerp_(gradient, 1 - momentum)
        return gradient.lerp(velocity, momentum).reshape(len(weight), -1)


def orthogonalise(matrices: Tensor, steps: int = 5) -> Tensor:
    """Bring the singular values of matrices [n, rows, columns] near 1, in bfloat16."""
    a, b, c = _NEWTON_SCHULZ
    tall = matrices.shape[1] > matrices.shape[2]
    x = (matrices.mT if tall else matrices).bfloat16()
    x = x / (x.square().sum((1, 2), keepdim=True).sqrt() + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if tall else x).to(matrices.dtype)


class Ensemble:
    """Muon for the inner matrices of a network and AdamW for the rest, behind one schedule."""

    def __init__(self, network: nn.Module, inner: set[str], muon_lr: float, adam_lr: float) -> None:
        named = [(name, weight) for name, weight in network.named_parameters()]
        self._weights = [weight for _, weight in named]
        matrices = [weight for name, weight in named if name in inner]
        others = [weight for name, weight in named if name not in inner]
        adam = AdamW(others, lr=adam_lr, betas=(0.9, 0.98), weight_decay=0.0)
        self._members: list[tuple[Optimizer, float]] = [(adam, adam_lr)]
        if matrices:
            self._members.append((Muon(matrices, lr=muon_lr), muon_lr))

    def step(self, rate: float) -> None:
        """Clip the gradients to norm 1, move by `rate` (0..1) of the full rates, clear them."""
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        for member, full in self._members:
            for group in member.param_groups:
                group["lr"] = full * rate
            member.step()
            member.zero_grad(set_to_none=True)

    def state(self) -> list[dict[str, object]]:
        """Return what `restore` needs to go on."""
        return [member.state_dict() for member, _ in self._members]

    def restore(self, state: list[dict[str, object]]) -> None:
        """Go on from a state of the same ensemble."""
        for (member, _), part in zip(self._members, state, strict=True):
            member.load_state_dict(part)


def rate_at(done: float, *, warm_up: float = 0.03, hold_until: float = 0.5) -> float:
    """Learning rate as a share of the full one: a ramp, a plateau, a straight line to 2 %."""
    if done < warm_up:
        return done / warm_up + 1e-3
    if done < hold_until:
        return 1.0
    return max(0.02, (1 - done) / (1 - hold_until))
