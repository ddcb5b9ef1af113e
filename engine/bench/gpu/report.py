"""What a run on a GPU found, as tables for people and as a document for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from engine.bench.gpu.figures import Ceilings, Found, Kept, Stock, StockFigures, ratios, share
from engine.bench.gpu.l4 import ASSUMPTIONS, PUBLISHED, Estimate, estimate

SCHEMA_VERSION = 1
_GIB = 1 << 30


def document(
    found: Found, stock: Sequence[Stock], quant: str, parameters: int
) -> dict[str, object]:
    """Return it as plain JSON values: seconds, bytes, operations and bytes per second, shares.

    `estimate_l4` is null where the peaks of the GPU that was measured are not known.
    """
    estimates = estimate(found)
    return {
        "schema_version": SCHEMA_VERSION,
        "device": asdict(found.device),
        "quant": quant,
        "parameters": parameters,
        "steps": found.steps,
        "turns": found.turns,
        "ceilings": {str(size): _ceilings(each) for size, each in found.ceilings.items()},
        "copying": round(found.copying),
        "strategies": {kept.strategy: _kept(found, kept) for kept in found.kept},
        "left_out": dict(found.left_out),
        "diffusers": {each.kept: _stock(found, each) for each in stock},
        "estimate_l4": {"assumptions": ASSUMPTIONS, "figures": [*map(_estimate, estimates)]}
        if estimates
        else None,
    }


def table(found: Found, stock: Sequence[Stock], quant: str, parameters: int) -> list[str]:
    """Return the lines to print."""
    device = found.device
    return [
        f"{device.name}, {device.memory_bytes / _GIB:.1f} GiB; {device.software}",
        f"{parameters / 1e9:.2f} G parameters in {quant}, {found.steps} steps; "
        f"medians, turns after a warm-up: {found.turns}",
        "",
        *_ceiling_lines(found),
        "",
        *_kept_lines(found),
        *_stock_lines(found, stock),
        "",
        *_estimate_lines(found),
    ]


def _ceilings(found: Ceilings) -> dict[str, object]:
    return {
        "tokens": found.tokens,
        "shapes": [
            {"rows": each.rows, "columns": each.columns, "rates": _rounded(each.rates.items())}
            for each in found.shapes
        ],
        "block": _rounded(found.block.items()),
        "attention": _significant(found.attention),
    }


def _kept(found: Found, kept: Kept) -> dict[str, object]:
    return {
        "parts": dict(kept.parts),
        "load_seconds": _significant(kept.load),
        "sizes": {
            str(each.size): {
                "seconds": _rounded(
                    (name, getattr(each, name)) for name in ("encode", "step", "decode", "picture")
                ),
                "operations_per_step": {
                    "linear": each.work.linear,
                    "attention": each.work.attention,
                },
                "share_of_ceiling": round(share(kept.strategy, each, found.ceilings[each.size]), 3),
                "peak_bytes": each.peak_bytes,
            }
            for each in kept.pictures
        },
    }


def _stock(found: Found, stock: Stock) -> dict[str, object]:
    return {
        "version": stock.version,
        "load_seconds": _significant(stock.load),
        "sizes": {
            str(each.size): {
                "seconds": _rounded([("step", each.step), ("decode", each.decode)]),
                "peak_bytes": each.peak_bytes,
                "ratios": {
                    name: _rounded(values.items()) for name, values in _ratios(found, each).items()
                },
            }
            for each in stock.pictures
        },
    }


def _estimate(found: Estimate) -> dict[str, object]:
    same, held = found.same_share, found.held
    return {
        "strategy": found.strategy,
        "size": str(found.size),
        "same_share": {"step": _significant(same.step), "picture": _significant(same.picture)},
        "held": {"step": _significant(held.step), "picture": _significant(held.picture)},
        "fits": found.fits,
    }


def _ceiling_lines(found: Found) -> Iterator[str]:
    kinds = list(next(iter(found.ceilings.values())).block)
    heads = "".join(f" {kind:>9}" for kind in kinds)
    yield f"TOKENS  {'PRODUCT':<15}{heads}  T OPERATIONS/S"
    for each in found.ceilings.values():
        rows = [(f"{shape.rows} x {shape.columns}", shape.rates) for shape in each.shapes]
        rows += [("a block", each.block), ("attention", {each.floats: each.attention})]
        for name, rates in rows:
            cells = "".join(f" {_tera(rates.get(kind)):>9}" for kind in kinds)
            yield f"{each.tokens:6}  {name:<15}{cells}".rstrip()
    yield f"copying: {found.copying / 1e9:.0f} GB/s, read and written"


def _kept_lines(found: Found) -> Iterator[str]:
    yield (
        f"{'KEPT':<8} {'SIZE':<10} {'ENCODE s':>9} {'STEP s':>9} {'DECODE s':>9} {'PICTURE s':>9}"
        f" {'SHARE':>6} {'PEAK GiB':>9}"
    )
    for kept in found.kept:
        for each in kept.pictures:
            reached = share(kept.strategy, each, found.ceilings[each.size])
            yield (
                f"{kept.strategy:<8} {each.size!s:<10} {each.encode:9.3f} {each.step:9.4f}"
                f" {each.decode:9.3f} {each.picture:9.3f} {reached:6.0%}"
                f" {each.peak_bytes / _GIB:9.2f}"
            )
    for what, why in found.left_out.items():
        yield f"{what} left out: {why}"
    yield (
        "share: the time in which the products and the attention of a step could be done at the "
        "rates of a block, each type at its own, over the time of a step"
    )


def _stock_lines(found: Found, stock: Sequence[Stock]) -> Iterator[str]:
    if not stock:
        return
    heads = "".join(f" {kept.strategy:>7}" for kept in found.kept)
    yield ""
    yield (
        f"{'DIFFUSERS':<9} {'SIZE':<10} {'STEP s':>9} {'DECODE s':>9} {'PEAK GiB':>9}"
        f"  OURS / ITS:{heads}"
    )
    for how in stock:
        for each in how.pictures:
            ours = _ratios(found, each)
            values = [ours.get(kept.strategy, {}).get("steps_and_decode") for kept in found.kept]
            cells = "".join(f" {_shown(value):>7}" for value in values)
            yield (
                f"{how.kept:<9} {each.size!s:<10} {each.step:9.4f} {each.decode:9.3f}"
                f" {each.peak_bytes / _GIB:9.2f}  {'':11}{cells}"
            )
    yield (
        f"ours / its: {found.steps} steps and the decoding, below 1 we are faster; "
        f"diffusers {stock[0].version}, without its text encoder"
    )


def _estimate_lines(found: Found) -> Iterator[str]:
    estimates = estimate(found)
    if not estimates:
        known = ", ".join(PUBLISHED)
        yield f"no estimate of an L4: it is reckoned from the peaks of {known}, and this is none"
        return
    yield f"{'AN L4, ESTIMATED':<19} {'AT THE SAME SHARE':>21} {'HELD BY ITS POWER':>21}"
    yield f"{'KEPT':<8} {'SIZE':<10} {'STEP s':>10} {'PICTURE s':>10}" + (
        f" {'STEP s':>10} {'PICTURE s':>10}"
    )
    for each in estimates:
        same, held = each.same_share, each.held
        note = "" if each.fits else "  more memory than an L4 has was taken here"
        yield (
            f"{each.strategy:<8} {each.size!s:<10} {same.step:10.3f} {same.picture:10.2f}"
            f" {held.step:10.3f} {held.picture:10.2f}{note}"
        )
    yield from ASSUMPTIONS


def _ratios(found: Found, stock: StockFigures) -> dict[str, dict[str, float]]:
    """Return the ratios of each of our strategies that made pictures of that size."""
    return {
        kept.strategy: ratios(each, stock, found.steps)
        for kept in found.kept
        for each in kept.pictures
        if each.size == stock.size
    }


def _rounded(values: Iterable[tuple[str, float]]) -> dict[str, float]:
    return {name: _significant(value) for name, value in values}


def _significant(value: float) -> float:
    return float(f"{value:.4g}")


def _tera(rate: float | None) -> str:
    return "" if rate is None else f"{rate / 1e12:.1f}"


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
