"""Flask: the middleware goes around `wsgi_app`, so `app` stays a Flask object.

$ flask --app flask_app run --port 8000
"""

import time

from flask import Flask, Response

from wsgi_placeholder import PlaceholderMiddleware

PAGE = '<h1>Flask</h1>\n<img src="/placeholder/600x400?text=Hero" alt="Hero">\n'

app = Flask(__name__)
app.wsgi_app = PlaceholderMiddleware(app.wsgi_app)


@app.get("/")
def page():
    return PAGE


@app.get("/stream")
def stream():
    def clock():
        for _ in range(3):
            yield f"{time.time()}\n"
            time.sleep(0.3)

    return Response(clock(), mimetype="text/plain")
