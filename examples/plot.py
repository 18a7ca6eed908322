"""Pyramid: a plot of matplotlib, drawn when it is asked for.

$ waitress-serve --listen=127.0.0.1:8000 plot:app
"""

import math

from matplotlib.figure import Figure  # not pyplot, which keeps each figure for ever
from pyramid.config import Configurator

from wsgi_placeholder.memory import image_response


def wave(request):
    figure = Figure(figsize=(6, 3))
    axes = figure.subplots()
    axes.plot([math.sin(x / 10) for x in range(100)])
    response = image_response(figure, request.matchdict["format"], dpi=100)
    response.cache_control = "public, max-age=3600"  # it is a WebOb response like any other
    return response


with Configurator() as config:
    config.add_route("wave", "/wave.{format:png|svg}")
    config.add_view(wave, route_name="wave")
app = config.make_wsgi_app()
