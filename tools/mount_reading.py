"""Measure how a model comes in from a slow mount: ours, plain reads, and the stock libraries.

    python tools/mount_reading.py [--directory DIR] [--layers N] [--only ours,prepared,plain,stock]
    python tools/mount_reading.py --side 512 --steps 8        # until a picture as people make them

Writes a synthetic model of about 1.5 GB, shows it through `tools/slow_mount.py` as Cloud Storage
FUSE would show a bucket, and loads it in new processes, from the process's start until the first
picture: with the engine; with the engine from a transformer that `engine convert` has prepared;
with the engine as it reads a disk, one range after another; with diffusers and transformers as
their documents say (`ZImagePipeline`, both networks from GGUF). Needs fuse3 of the system and the
package mfusepy.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from synthetic_model import ROOT, weight_files, write_prepared_model, write_synthetic_model

_OURS: Final = """
import json, os, sys, time
sys.path.insert(0, os.getcwd())
from pathlib import Path
from engine.loading import load_pipeline
from engine.schema import GenerationRequest, Size
from engine.timeline import Timeline
from engine.weights.place import place_of
timeline = Timeline()
place = Path(sys.argv[1]) if sys.argv[2] == "plain" else place_of(Path(sys.argv[1]), os.environ)
pipeline = load_pipeline(
    place, device="cpu", threads=None, timeline=timeline, linear=sys.argv[5])
moments = {str(e.phase): e.at for e in timeline.events()}
began = time.perf_counter()
side, steps = int(sys.argv[3]), int(sys.argv[4])
for _ in pipeline.generate(GenerationRequest("a cat", Size(side, side), steps, seed=1)):
    pass
picture = moments["on_device"] + time.perf_counter() - began
status = dict(l.split(":") for l in open("/proc/self/status") if l.startswith("Vm"))
print(json.dumps({"imports": moments["imports_done"], "ready": moments["on_device"],
    "picture": picture, "peak": int(status["VmHWM"].split()[0]) << 10}))
"""

# The tokenizer, the VAE's and the transformer's settings come from elsewhere at no cost: their
# files are of the kind that the hub's repository has beside the weights.
_STOCK: Final = """
import time
began = time.perf_counter()
import json, os, sys, tempfile
sys.path.insert(0, os.getcwd())
from pathlib import Path
import torch, diffusers, transformers
imports = time.perf_counter() - began
from engine.reference import reference_tokenizer, reference_vae, transformer_config
from engine.weights.discover import find_model, open_part
files = find_model(Path(sys.argv[1]))
settings = transformer_config(open_part(files.transformer.path).dims)
with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
    (Path(folder) / "config.json").write_text(
        json.dumps({"_class_name": "ZImageTransformer2DModel", **settings}))
    transformer = diffusers.ZImageTransformer2DModel.from_single_file(
        str(files.transformer.path), config=folder, torch_dtype=torch.float32,
        quantization_config=diffusers.GGUFQuantizationConfig(compute_dtype=torch.float32)).eval()
    encoder = transformers.AutoModel.from_pretrained(
        sys.argv[1], gguf_file=files.text_encoder.path.name, dtype=torch.float32).eval()
    pipeline = diffusers.ZImagePipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=reference_vae(open_part(files.vae.path)), text_encoder=encoder,
        tokenizer=reference_tokenizer(files.text_encoder.path), transformer=transformer)
    ready = time.perf_counter() - began
    side, steps = int(sys.argv[3]), int(sys.argv[4])
    pipeline("a cat", height=side, width=side, num_inference_steps=steps, guidance_scale=0.0)
status = dict(l.split(":") for l in open("/proc/self/status") if l.startswith("Vm"))
print(json.dumps({"imports": imports, "ready": ready, "picture": time.perf_counter() - began,
    "peak": int(status["VmHWM"].split()[0]) << 10}))
"""
_WAYS: Final = {"ours": _OURS, "prepared": _OURS, "plain": _OURS, "stock": _STOCK}


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--directory", type=Path, help="where the files are kept (temporary)")
    parser.add_argument("--layers", type=int, default=12, help="of the transformer, of 100 MB each")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds of a request")
    parser.add_argument("--stream", type=float, default=60, help="MB/s of one descriptor")
    parser.add_argument("--total", type=float, default=250, help="MB/s in all")
    parser.add_argument("--side", type=int, default=128, help="pixels of the picture's sides")
    parser.add_argument("--steps", type=int, default=1, help="of the picture")
    parser.add_argument("--linear", default="auto", help="how the engine keeps weights")
    parser.add_argument(
        "--only", default="ours,prepared,plain,stock", help="which ways, with commas"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        directory = given.directory or Path(temporary) / "model"
        write_synthetic_model(directory, given.layers)
        prepared = directory.with_name(f"{directory.name}-prepared")
        print(f"the machine has {os.cpu_count()} processors")
        print(f"{given.total:g} MB/s, {given.stream:g} a descriptor, {given.latency * 1e3:g} ms")
        found = {}
        for way in given.only.split(","):
            source, linear = directory, given.linear
            if way == "prepared":
                write_prepared_model(directory, prepared)
                source, linear = prepared, "auto"
            size = sum(file.stat().st_size for file in weight_files(source))
            rates = (given.latency, given.stream, given.total)
            with mounted(source, Path(temporary), *rates) as mount:
                picture = (str(given.side), str(given.steps), linear)
                found[way] = _run(_WAYS[way], mount, way, *picture)
            _tell(way, found[way], size, given.total * 1e6)
    for way in {"ours", "prepared"} & set(found) if "stock" in found else ():
        ratio = found["stock"]["picture"] / found[way]["picture"]
        print(f"to the first picture the stock libraries take {ratio:.1f} times as long as {way}")
    return 0


def _tell(way: str, found: dict[str, float], size: int, rate: float) -> None:
    ideal = max(size / rate if rate else 0.0, found["imports"])
    print(
        f"  {way:8} {size / 1e9:.2f} GB, imports {found['imports']:6.2f} s, "
        f"ready {found['ready']:7.2f} s ({found['ready'] / ideal:5.2f} x max(transfer, imports)), "
        f"first picture {found['picture']:7.2f} s, peak {found['peak'] / 2**30:5.2f} GiB",
        flush=True,
    )


def _run(program: str, mount: Path, *words: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", program, str(mount), *words],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(
            f"{words[0]} failed: {(done.stderr.strip().splitlines() or ['it says nothing'])[-1]}"
        )
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


@contextmanager
def mounted(
    source: Path, scratch: Path, latency: float, stream: float, total: float, *, keep: bool = False
) -> Iterator[Path]:
    """Show `source` slowly; a new mount each time, so that the system has nothing of it left.

    Rates are in MB/s, of one descriptor and in all; `keep` lets the system keep what was read.
    """
    mount = Path(tempfile.mkdtemp(dir=scratch))
    unmount = shutil.which("fusermount3")
    if unmount is None:
        sys.exit("there is no fusermount3 here: install fuse3")
    command = [sys.executable, str(ROOT / "tools" / "slow_mount.py"), str(source), str(mount)]
    command += ["--latency", str(latency), "--stream", str(stream * 1e6)]
    command += ["--total", str(total * 1e6), *(["--keep"] if keep else [])]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as server:
        deadline = time.monotonic() + 30
        while not mount.is_mount():
            if server.poll() is not None or time.monotonic() > deadline:
                assert server.stderr is not None
                sys.exit(f"the mount does not come up: {server.stderr.read()[-300:]!r}")
            time.sleep(0.05)
        try:
            yield mount
        finally:
            subprocess.run([unmount, "-u", "-z", str(mount)], check=False)


if __name__ == "__main__":
    sys.exit(main())
