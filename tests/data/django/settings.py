"""A project whose database knows pictures that its media folder lacks.

PICTURES names the libraries, SITE the folder of database and media, RECIPES the Python file with
the settings of docs/missing-django.md; without it the project stands alone.
"""

import os
from pathlib import Path

BASE_DIR = SITE = Path(os.environ["SITE"])
PICTURES = os.environ["PICTURES"].split()
APPS = {
    "plain": [],
    "easy": ["easy_thumbnails"],
    "sorl": ["sorl.thumbnail"],
    "imagekit": ["imagekit"],
    "filer": ["easy_thumbnails", "filer", "polymorphic", "django.contrib.admin"],
    "wagtail": [
        "wagtail.images", "wagtail.search", "wagtail.admin", "wagtail.users",
        "wagtail.documents", "wagtail.sites", "wagtail.snippets", "wagtail", "modelcluster",
        "taggit", "django_tasks", "django.contrib.messages", "django.contrib.sessions",
    ],
}  # fmt: skip
INSTALLED_APPS = list(
    dict.fromkeys(
        [
            "shop",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            *(app for name in PICTURES for app in APPS[name]),
        ]
    )
)


class NoMigrations:
    """For every app: its tables as its models say, in a second instead of a minute."""

    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


MIGRATION_MODULES = NoMigrations()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": SITE / "db.sqlite3",
        "OPTIONS": {"timeout": 2},
        "ATOMIC_REQUESTS": "ATOMIC_REQUESTS" in os.environ,
    }
}
LIBRARIES = {
    "easy": "easy_thumbnails.templatetags.thumbnail",  # sorl's has the same name
    "sorl": "sorl.thumbnail.templatetags.thumbnail",
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {name: LIBRARIES[name] for name in PICTURES if name in LIBRARIES}
            | ({"easy": LIBRARIES["easy"]} if "filer" in PICTURES else {})
        },
    }
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = SITE / "media"
MEDIA_URL = "/media/"
STATIC_URL = "/static/"
IMAGEKIT_DEFAULT_CACHEFILE_STRATEGY = "imagekit.cachefiles.strategies." + os.environ.get(
    "STRATEGY", "JustInTime"
)
WAGTAILADMIN_BASE_URL = "http://localhost"
WAGTAIL_SITE_NAME = "Shop"
ROOT_URLCONF = "shop.pages"
SECRET_KEY = "x"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

if recipes := os.environ.get("RECIPES"):
    exec(Path(recipes).read_text(encoding="utf-8"))
