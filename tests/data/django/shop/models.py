"""One product with one photo, of which nothing but name and size is here."""

from django.conf import settings
from django.db import models

SIZE = 1200, 900


class Product(models.Model):
    photo = models.ImageField(upload_to="photos", width_field="width", height_field="height")
    width = models.IntegerField()
    height = models.IntegerField()
    leaflet = models.FileField(blank=True)
    unmeasured = models.ImageField(blank=True)

    if "imagekit" in settings.PICTURES:
        from imagekit.models import ImageSpecField
        from imagekit.processors import ResizeToFit

        small = ImageSpecField(source="photo", processors=[ResizeToFit(200, 200)], format="PNG")


def fill():
    """Put into the database what production would have there."""
    width, height = SIZE
    Product.objects.create(
        photo="photos/cat.jpg",
        width=width,
        height=height,
        leaflet="leaflet.pdf",
        unmeasured="banner-468x60.gif",
    )
    if "filer" in settings.PICTURES:
        from filer.models import Image

        Image.objects.create(
            file="filer_public/ab/cat.jpg",
            original_filename="cat.jpg",
            _file_size=9,
            sha1="0" * 40,
            _width=width,
            _height=height,
            is_public=True,
        )
    if "wagtail" in settings.PICTURES:
        from wagtail.images.models import Image
        from wagtail.models import Collection

        Collection.add_root(name="Root")
        Image.objects.create(
            title="Cat", file="original_images/cat.jpg", width=width, height=height, file_size=9
        )
