"""Flask: an address and a number that people read in the page, and scrapers do not.

$ waitress-serve --listen=127.0.0.1:8000 contact:app
"""

import os
import secrets

from flask import Flask, render_template_string

from wsgi_placeholder import PlaceholderMiddleware

PAGE = """
<body style="font: 16px Inter, sans-serif; color: #333">
<p>Write to {{ email|secret }}, or call {{ phone|secret(weight="bold") }}.
"""

app = Flask(__name__)


@app.get("/")
def page():
    return render_template_string(PAGE, email="anna@example.com", phone="+41 44 123 45 67")


# All processes need the same one, and URLs are good for as long as it stays.
secret = os.environ.get("TEXT_SECRET") or secrets.token_urlsafe(32)
app.wsgi_app = placeholder = PlaceholderMiddleware(app.wsgi_app, secret=secret)
app.jinja_env.filters["secret"] = placeholder.text_img
