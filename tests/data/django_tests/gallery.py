"""Settings and URLs of a project with one page, which shows a picture of each kind."""

import os
from pathlib import Path

from django.http import HttpResponse
from django.urls import path

SITE = Path(os.environ["SITE"])
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": SITE / "db.sqlite3"}}
MEDIA_ROOT = SITE / "media"
MEDIA_URL = "/media/"
STATIC_ROOT = SITE / "collected"
STATIC_URL = "/static/"
STATICFILES_DIRS = [SITE / "static"]
ROOT_URLCONF = "gallery"
SECRET_KEY = "x"
USE_TZ = True


def product(request):
    return HttpResponse('<img src="/media/cat.jpg"><img src="/static/logo.png">')


urlpatterns = [path("product/1", product)]
