"""A Cloud Run that takes whatever `gcloud` sends, and keeps it: Knative's JSON (v1) over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

URL = "https://service.test"
CONDITIONS = [
    {"type": kind, "status": "True"} for kind in ("Ready", "ConfigurationsReady", "RoutesReady")
]


@dataclass
class Recorder:
    """What there is, by its path, and what was asked, in order."""

    address: str = ""
    refuses: bool = False
    services: dict[str, dict] = field(default_factory=dict)
    policies: list[dict] = field(default_factory=list)
    sent: list[dict] = field(default_factory=list)

    def answer(self, method: str, path: str, body: dict) -> tuple[int, dict]:
        if self.refuses:
            return 400, {"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}
        if path.endswith(":getIamPolicy"):
            return 200, {"etag": "ACAB"}
        if path.endswith(":setIamPolicy"):
            self.policies.append(body["policy"])
            return 200, body["policy"]
        if "/apis/serving.knative.dev/" not in path:
            return 200, {"state": "ENABLED"}
        if method == "GET":
            found = self.services.get(path)
            return (200, found) if found else (404, {"error": {"code": 404}})
        name = body["metadata"]["name"]
        kept = path if path.endswith(f"/{name}") else f"{path}/{name}"
        self.sent.append(body)
        self.services[kept] = _rolled_out(body)
        return 200, self.services[kept]

    def put(self, project: str, service: dict) -> None:
        """Let there be a service."""
        name = service["metadata"]["name"]
        path = f"/apis/serving.knative.dev/v1/namespaces/{project}/services/{name}"
        self.services[path] = _rolled_out(service)


def _rolled_out(body: dict) -> dict:
    name = body["metadata"]["name"]
    revision = f"{name}-00001-abc"
    status = {
        "observedGeneration": 1,
        "conditions": CONDITIONS,
        "url": URL,
        "latestCreatedRevisionName": revision,
        "latestReadyRevisionName": revision,
        "traffic": [{"percent": 100, "latestRevision": True, "revisionName": revision}],
    }
    metadata = {**body["metadata"], "generation": 1, "resourceVersion": "AAAA"}
    return {**body, "metadata": metadata, "status": status}


@contextmanager
def recording() -> Iterator[Recorder]:
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            said = json.loads(self.rfile.read(length) or b"{}")
            code, answer = recorder.answer(self.command, urlsplit(self.path).path, said)
            data = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = handle_one

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        recorder.address = f"127.0.0.1:{server.server_port}"
        try:
            yield recorder
        finally:
            server.shutdown()
            thread.join()
