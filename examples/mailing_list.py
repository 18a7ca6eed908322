"""Pictures the app holds in memory, changed and sent without a file on disk.

$ waitress-serve --listen=127.0.0.1:8000 mailing_list:app
"""

from io import BytesIO

from PIL import Image, ImageOps
from webob import Response
from webob.dec import wsgify

from wsgi_placeholder import render

# Stands for an upload, a blob of the database, the answer of another service.
UPLOAD: bytes = render("640x480/tomato/gold.jpg?text=Upload").body


@wsgify
def app(request):
    if request.path_info == "/upload.jpg":  # bytes: sent as they are
        return Response(UPLOAD, content_type="image/jpeg")
    if request.path_info == "/thumbnail.png":  # a Pillow image: changed, then saved to memory
        image = ImageOps.grayscale(Image.open(BytesIO(UPLOAD)))
        image.thumbnail((160, 120))
        file = BytesIO()
        image.save(file, "PNG")
        return Response(file.getvalue(), content_type="image/png")
    picture = render("160x120?text=No upload yet")  # nothing there: a placeholder, no image code
    return Response(picture.body, content_type=picture.media_type)
