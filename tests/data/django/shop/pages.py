"""One page for each way to show a picture, /easy and so on; its template is a file of the site."""

from django.conf import settings
from django.http import HttpResponse
from django.template import engines
from django.urls import path, re_path
from django.views.static import serve

from shop.models import Product


def index(request):
    return HttpResponse((settings.SITE / "index.html").read_text(encoding="utf-8"))


def page(request, name):
    things = {"product": Product.objects.get()}
    if name == "filer":
        from filer.models import Image

        things["image"] = Image.objects.get()
    elif name == "wagtail":
        from wagtail.images.models import Image

        things["image"] = Image.objects.get()
    source = (settings.SITE / f"{name}.html").read_text(encoding="utf-8")
    body = engines["django"].from_string(source).render(things)
    return HttpResponse(f"<!doctype html><title>{name}</title>{body}")


urlpatterns = [
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
    path("", index),
    path("<str:name>", page),
]
