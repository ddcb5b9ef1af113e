"""What Cloud Storage refuses, in its own words: as JSON, as XML, or as a line of text.

Sources: https://cloud.google.com/storage/docs/json_api/v1/status-codes and
https://cloud.google.com/storage/docs/xml-api/reference-status.
"""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from starlette.responses import PlainTextResponse, Response

from console.sandbox.gateway import refusal

_XML_CODES: Final = {
    400: "InvalidArgument",
    403: "AccessDenied",
    404: "NoSuchKey",
    409: "BucketNotEmpty",
    412: "PreconditionFailed",
    416: "InvalidRange",
    501: "NotImplemented",
    503: "ServiceUnavailable",
}


class Refused(Exception):
    """A request that gets an error; `reason` is JSON's word for it, `code` that of XML."""

    def __init__(self, status: int, reason: str, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.code = code or _XML_CODES.get(status, "InternalError")

    def as_json(self) -> Response:
        """Return the answer of the JSON interface."""
        if self.status == 304:
            return Response(status_code=304)
        return refusal(self.status, self.message, self.reason)

    def as_text(self) -> Response:
        """Return the answer to a download."""
        if self.status == 304:
            return Response(status_code=304)
        return PlainTextResponse(self.message, self.status)

    def as_xml(self) -> Response:
        """Return the answer of the XML interface."""
        if self.status == 304:
            return Response(status_code=304)
        body = (
            "<?xml version='1.0' encoding='UTF-8'?>"
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message>"
            f"<Details>{escape(self.message)}</Details></Error>"
        )
        return Response(body, self.status, media_type="application/xml; charset=UTF-8")


def no_bucket() -> Refused:
    """Say that there is no such bucket."""
    return Refused(404, "notFound", "The specified bucket does not exist.", "NoSuchBucket")


def no_object(bucket: str, name: str) -> Refused:
    """Say that there is no such object."""
    return Refused(404, "notFound", f"No such object: {bucket}/{name}")


def no_upload() -> Refused:
    """Say that there is no such upload, or no longer."""
    return Refused(404, "notFound", "The requested upload was not found.", "NoSuchUpload")


def not_met() -> Refused:
    """Say that a precondition of a change does not hold."""
    message = "At least one of the pre-conditions you specified did not hold."
    return Refused(412, "conditionNotMet", message)


def not_modified() -> Refused:
    """Say that what a reader has is what there is."""
    return Refused(304, "notModified", "Not Modified")


def invalid(message: str) -> Refused:
    """Say that an argument makes no sense."""
    return Refused(400, "invalid", message)


def required(what: str) -> Refused:
    """Say that an argument is missing."""
    return Refused(400, "required", f"Required parameter: {what}")


def unknown() -> Refused:
    """Say that there is no such method."""
    return Refused(404, "notFound", "Not Found")
