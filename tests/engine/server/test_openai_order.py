"""Whatever a body holds, it becomes an order that can be carried out or a refusal with a name."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.schema import MAX_SEED, InvalidRequest, Size
from engine.server.fields import Fields
from engine.server.openai import Order, parse_order

PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIELDS = (
    *("prompt", "n", "size", "seed", "steps", "num_inference_steps", "stream", "model"),
    *("output_format", "output_compression", "partial_images", "response_format"),
    *("negative_prompt", "guidance_scale", "guidance", "noise"),
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
BODIES = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), VALUES)


def understood(body: bytes) -> Order | InvalidRequest:
    try:
        return parse_order(Fields.from_json(body))
    except InvalidRequest as refusal:
        return refusal


def survives(body: bytes) -> None:
    result = understood(body)
    if isinstance(result, InvalidRequest):
        assert result.param
        assert str(result).isprintable()
        assert len(str(result)) < 300
    else:
        for request in result.requests:
            request.check()


@PATIENTLY
@given(BODIES)
@example({"prompt": "x", "size": "1" * 7 + "x16"})
@example({"prompt": "x", "size": "\x1b[2J"})
@example({"prompt": "x", "seed": 10**400})
@example({"prompt": "x", "n": -(10**400)})
def test_any_object(fields: dict[str, object]) -> None:
    survives(json.dumps(fields).encode())


@PATIENTLY
@given(st.binary(max_size=200))
@example(b'{"prompt": "\\ud800"}')
@example(b'{"prompt": 1e999}')
def test_any_bytes(body: bytes) -> None:
    survives(body)


@PATIENTLY
@given(
    st.text(min_size=1, max_size=30).filter(str.strip),
    st.integers(0, MAX_SEED),
    st.integers(1, 10),
    st.integers(4, 128),
    st.integers(4, 128),
)
def test_a_good_order_is_understood(
    prompt: str, seed: int, count: int, columns: int, rows: int
) -> None:
    size = Size(columns * 16, rows * 16)
    fields = {"prompt": prompt, "seed": seed, "n": count, "size": str(size)}
    order = understood(json.dumps(fields).encode())

    assert isinstance(order, Order)
    assert len(order.requests) == count
    assert order.requests[0].seed == seed
    assert len({request.seed for request in order.requests}) == count
    assert all((each.prompt, each.size) == (prompt, size) for each in order.requests)
