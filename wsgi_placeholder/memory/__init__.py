"""An app's own pictures, PDFs, CSVs and other files, made in memory and sent from there.

Each `..._response` returns a WebOb Response, which is a WSGI app: Pyramid, TurboGears and Flask
take it as it is; docs/memory.md says how the others do. It knows HEAD, If-None-Match and Range.
"""

from wsgi_placeholder.http.memory_response import MemoryResponse
from wsgi_placeholder.memory.adapters import to_django
from wsgi_placeholder.memory.files import (
    bytes_response,
    file_response,
    image_response,
    pdf_response,
)
from wsgi_placeholder.memory.pictures import open_image, thumbnail, watermark
from wsgi_placeholder.memory.rows import csv_response

__all__ = [
    "MemoryResponse",
    "bytes_response",
    "csv_response",
    "file_response",
    "image_response",
    "open_image",
    "pdf_response",
    "thumbnail",
    "to_django",
    "watermark",
]
