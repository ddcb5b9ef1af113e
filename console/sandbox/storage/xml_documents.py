"""Documents of the XML interface, written and read."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

from starlette.responses import Response

from console.sandbox.storage.refusals import Refused

_NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


def text_element(tag: str, text: str) -> ElementTree.Element:
    """Return an element with a text; what XML cannot have in it is replaced."""
    made = ElementTree.Element(tag)
    made.text = _CONTROL.sub("\ufffd", text)
    return made


def element(tag: str, **children: str) -> ElementTree.Element:
    """Return an element with elements of texts."""
    made = ElementTree.Element(tag)
    made.extend(text_element(name, text) for name, text in children.items())
    return made


def written(root: ElementTree.Element) -> Response:
    """Return the answer that a document is."""
    root.set("xmlns", _NAMESPACE)
    body = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return Response(body, media_type="application/xml; charset=UTF-8")


def read(body: bytes) -> ElementTree.Element:
    """Return the document that a body is; raises `Refused`, also for one with declarations."""
    refused = Refused(400, "invalid", "The XML you provided was not well-formed.", "MalformedXML")
    if _DECLARATION.search(body):
        raise refused
    try:
        return ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise refused from None
