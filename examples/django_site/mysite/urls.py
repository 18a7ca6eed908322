"""A page and a streamed answer."""

import time

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

PAGE = '<h1>Django</h1>\n<img src="/placeholder/600x400?text=Hero" alt="Hero">\n'


def page(request):
    return HttpResponse(PAGE)


def stream(request):
    def clock():
        for _ in range(3):
            yield f"{time.time()}\n"
            time.sleep(0.3)

    return StreamingHttpResponse(clock(), content_type="text/plain")


urlpatterns = [path("", page), path("stream", stream)]
