"""What the engine's command line accepts; values stay text here and are read where they belong."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import metadata
from typing import NoReturn

from engine.printable import printable_line
from engine.schema import DEFAULT_STEPS

_ABOUT = "Makes pictures from text with Z-Image-Turbo, on the command line or as a service."
_EXAMPLES = """\
examples:
  python -m engine generate "a red circle on a white background" -o circle.png
  python -m engine generate "一只猫" -o cat.png --models ~/models --size 512x512 --seed 7
  python -m engine serve --models /models
  python -m engine inspect /models
  python -m engine serve --models gs://my-models/z-image

Without --models or ZIMAGE_MODELS a small bundled demo model is used.
"""
_SERVE = """\
Listens at once, loads the model behind, and speaks OpenAI's image interface.

environment: ZIMAGE_DEVICE, ZIMAGE_THREADS, ZIMAGE_LINEAR, ZIMAGE_HOST, PORT
  ZIMAGE_MODELS         a directory, or gs://BUCKET[/FOLDER] to read it from there directly
  ZIMAGE_MODELS_FALLBACK  where to look when the directory is not there or is empty
  GOOGLE_APPLICATION_CREDENTIALS, GCE_METADATA_HOST, STORAGE_EMULATOR_HOST
                        who reads the bucket, and where, as Google's libraries have it
  ZIMAGE_API_KEY        a key that every request must carry, except /healthz and /readyz
  ZIMAGE_QUEUE          how many requests may wait (8)
  ZIMAGE_DEADLINE       seconds after which an accepted request is given up (600)
  ZIMAGE_REQUEST_SECONDS  seconds that a client may take to send a request (30)
  ZIMAGE_CONNECTIONS    how many connections may be open (1000)
  ZIMAGE_PROXIES        how many trusted proxies add to X-Forwarded-For (0; 1 on Cloud Run)
  ZIMAGE_CORS_ORIGINS   web origins, with commas between, whose pages may call
  ZIMAGE_PNG_METADATA   0 leaves prompt and settings out of the pictures
  ZIMAGE_LOG_PROMPTS    1 writes prompts into the log
  AIP_HTTP_PORT, AIP_PREDICT_ROUTE, AIP_HEALTH_ROUTE    as Vertex AI sets them
  GOOGLE_CLOUD_PROJECT  the project that log lines name in their traces

SIGTERM lets what was accepted finish, and ends with 0 within 8 seconds.
"""

_CONVERT = """\
Writes the transformer as 8-bit integers with their scales, in the order of use. A start with that
file computes nothing on weights, and reads a byte for each of them; pictures are those of
--linear int8. The text encoder and the VAE stay as they are: put the file in the place of the
original, or beside the other two in a directory or bucket of its own.

examples:
  python -m engine convert --models ~/models -o ~/prepared/z-image-int8.gguf
  python -m engine convert --models ~/models -o z-image-int8.gguf --cpu any
"""

_BENCH = """\
Writes a model of the real sizes with random weights (6.3 GB in Q4_K, 11.1 GB in Q8_0) unless it
is there from the last time, makes a picture with it, and compares with bare matrix products.
With --sdcpp or --diffusers it compares with other programs on the same files instead.

With --device cuda it measures a GPU: its limits, then pictures with each way to keep weights, at
three sizes unless --size names one. --diffusers adds diffusers' times to that. What an L4 may do
is reckoned from what the GPU did.

examples:
  python -m engine bench --small
  python -m engine bench --device cuda --diffusers
  python -m engine bench --device cuda --linear int8 --size 1024x1024 --json
"""


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        line = printable_line(f"{message}; {self.prog} --help shows what is possible")
        self.exit(2, f"engine: {line}\n")


class _Version(argparse.Action):
    """Prints the version; finding it costs a search, so only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"engine {metadata.version('zimage-console')}")
        parser.exit(0)


def parse(argv: Sequence[str]) -> dict[str, str | None]:
    """Return the subcommand as `command` and its options by their long names.

    Switches are "1" or None. Exits with 2 and one line on standard error for anything else than
    the options that are there, and with 0 after `--help` and `--version`.
    """
    parser = _parser("engine", _ABOUT, _EXAMPLES)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_serve(commands)
    _add_generate(commands)
    _add_inspect(commands)
    _add_convert(commands)
    _add_bench(commands)
    return dict(vars(parser.parse_args(argv)))


def _parser(prog: str, about: str, epilog: str) -> _OneLineParser:
    return _OneLineParser(
        prog=prog,
        description=about,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


_Commands = argparse._SubParsersAction


def _add_serve(commands: _Commands[_OneLineParser]) -> None:
    command = _command(commands, "serve", "answer HTTP requests", _SERVE)
    _add_model(command)
    command.add_argument(
        "--host", help="address to listen on (127.0.0.1; 0.0.0.0 where PORT is set)"
    )
    command.add_argument("--port", help="port to listen on, 0 for any free one (7860)")
    command.add_argument(
        "--exit-on-stdin-eof",
        action="store_const",
        const="1",
        help="end when standard input ends, for a parent that may die",
    )


def _add_generate(commands: _Commands[_OneLineParser]) -> None:
    command = _command(commands, "generate", "make one picture", "")
    command.add_argument("prompt", metavar="PROMPT", help="the picture in words")
    command.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="PNG to write; - is standard output"
    )
    _add_model(command)
    command.add_argument("--size", metavar="WxH", help="width and height (the model's own)")
    command.add_argument("--steps", metavar="N", help=f"denoising steps ({DEFAULT_STEPS})")
    command.add_argument("--seed", metavar="N", help="the same seed gives the same file (random)")
    command.add_argument(
        "--negative-prompt", metavar="TEXT", help="what not to show; needs --guidance"
    )
    command.add_argument(
        "--guidance",
        metavar="SCALE",
        help="how strongly to avoid it, 0 to 20; above 0 a step takes twice as long (0)",
    )
    command.add_argument(
        "--noise",
        metavar="WHOSE",
        help="the generator that a seed means: cpu, or philox as on CUDA devices (cpu)",
    )
    _add_json(command)


def _add_inspect(commands: _Commands[_OneLineParser]) -> None:
    command = _command(
        commands, "inspect", "say what model files are", "Exits with 1 if the set is not complete."
    )
    command.add_argument(
        "directory", metavar="DIR", help="directory or gs://BUCKET[/FOLDER] with model files"
    )
    command.add_argument(
        "--plan", action="store_true", help="say too how the weights would be kept on this machine"
    )
    _add_json(command)


def _add_convert(commands: _Commands[_OneLineParser]) -> None:
    command = _command(
        commands,
        "convert",
        "round a transformer's weights beforehand, for quicker starts",
        _CONVERT,
    )
    command.add_argument("-o", "--output", required=True, metavar="FILE", help="GGUF to write")
    command.add_argument(
        "--models", metavar="DIR", help="directory or gs://BUCKET[/FOLDER] with the model files"
    )
    command.add_argument(
        "--cpu", metavar="WHOSE", help="this (as exact as this CPU is), or any with AVX2 (this)"
    )
    _add_json(command)


def _add_bench(command_set: _Commands[_OneLineParser]) -> None:
    command = _command(command_set, "bench", "measure speed and memory on a CPU or a GPU", _BENCH)
    command.add_argument("--device", help="cpu, cuda, or auto: a GPU if there is one (cpu)")
    command.add_argument("--directory", metavar="DIR", help="where the files are kept (temporary)")
    command.add_argument("--quant", metavar="TYPE", help="Q4_K or Q8_0 (Q4_K)")
    command.add_argument(
        "--size", metavar="WxH", help="of the picture (512x512; GPU: also 768x768 and 1024x1024)"
    )
    command.add_argument("--steps", metavar="N", help=f"denoising steps (1; GPU: {DEFAULT_STEPS})")
    command.add_argument("--small", action="store_const", const="1", help="a small model, quickly")
    command.add_argument("--picture", metavar="FILE", help="keep the picture, as a PNG")
    command.add_argument(
        "--sdcpp", metavar="FILE", help="stable-diffusion.cpp's sd-cli, to run it turn about"
    )
    command.add_argument(
        "--diffusers", action="store_const", const="1", help="run stock diffusers turn about"
    )
    command.add_argument(
        "--turns", metavar="N", help="how often each has its turn, or a picture is made (1; GPU: 3)"
    )
    _add_speed(command)
    _add_json(command)


def _command(
    commands: _Commands[_OneLineParser], name: str, summary: str, epilog: str
) -> _OneLineParser:
    return commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _add_model(command: _OneLineParser) -> None:
    command.add_argument(
        "--models",
        metavar="DIR",
        help="directory or gs://BUCKET[/FOLDER] with the model files (the bundled demo)",
    )
    command.add_argument("--device", help="auto, cpu or cuda (auto)")
    _add_speed(command)


def _add_speed(command: _OneLineParser) -> None:
    command.add_argument("--threads", metavar="N", help="CPU threads (as torch decides)")
    command.add_argument(
        "--linear", metavar="HOW", help="keep weights as auto, dense, packed, int8 or fp8 (auto)"
    )


def _add_json(command: _OneLineParser) -> None:
    command.add_argument("--json", action="store_const", const="1", help="print one JSON document")
