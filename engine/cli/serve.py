"""`python -m engine serve`."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from engine.log import Log
from engine.schema import Phase
from engine.server.listen import open_port
from engine.settings import Settings
from engine.timeline import Timeline
from engine.weights.place import place_of

if TYPE_CHECKING:
    from engine.worker import ImagePipeline

# A drain on SIGTERM is how a platform ends a service in good order.
_EXIT_CODES: Final = {signal.SIGTERM: 0, signal.SIGINT: 130, signal.SIGHUP: 129}


def serve(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> int:
    """Serve until told to end; returns the exit code.

    A directory that is not there or a port that is taken raises before anything is served. Files
    that turn out to be unusable do not end the process: `/readyz` says why, so that an operator
    far away can read it.
    """
    settings = Settings.from_sources(flags, environ)
    models = settings.models_directory()
    log = Log(sys.stdout, human=sys.stdout.isatty())
    timeline = Timeline(listener=log.startup)
    listening = open_port(settings.host, settings.port)
    timeline.reached(Phase.PORT_OPEN, port=listening.getsockname()[1])

    from engine.server.app import create_app
    from engine.server.connection import Limits
    from engine.server.metrics import Metrics
    from engine.server.run import Service, end_with_input
    from engine.worker import Worker

    def load(timeline: Timeline) -> ImagePipeline:
        from engine.loading import load_pipeline

        pipeline = load_pipeline(
            place_of(models, environ),
            device=settings.device,
            threads=settings.threads,
            timeline=timeline,
            linear=settings.linear,
        )
        # What is loaded stays for good. To look through it for garbage again and again takes a
        # tenth of a second each time, in which no thread can answer anybody.
        gc.collect()
        gc.freeze()
        return pipeline

    log.take_over_logging()
    metrics = Metrics(timeline)
    worker = Worker(load, timeline, settings.queue, deadline=settings.deadline, observer=metrics)
    limits = Limits(settings.request_seconds, settings.connections, metrics.connection_refused)
    app = create_app(worker, timeline, settings, log, metrics=metrics)
    service = Service(app, worker, limits)
    if flags.get("exit_on_stdin_eof"):
        end_with_input(service)
    service.run(sockets=[listening])
    code = _EXIT_CODES[service.ended_by] if service.ended_by else 0
    if worker.running:
        # The thread is inside a load or a step, and neither can be interrupted.
        sys.stdout.flush()
        os._exit(code)
    return code
