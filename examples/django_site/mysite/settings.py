"""The least that Django needs, and our one setting."""

SECRET_KEY = "only for this example"
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "mysite.urls"
# runserver serves what this names, so it too sees the middleware.
WSGI_APPLICATION = "mysite.wsgi.application"

WSGI_PLACEHOLDER = {"prefix": "/placeholder", "max_pixels": 10_000_000}
