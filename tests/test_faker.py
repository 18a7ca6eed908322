"""Faker's image URLs, asked of the middleware; factory_boy and sorl-thumbnail with Django."""

import io
import secrets
import subprocess
import sys
import textwrap

import pytest
from asking import ask, checked, environ_for
from faker import Faker
from PIL import Image

from wsgi_placeholder.errors import BadParameter
from wsgi_placeholder.integrations.faker import Provider
from wsgi_placeholder.middleware import PlaceholderMiddleware, not_found


@pytest.fixture
def fake():
    fake = Faker()
    fake.seed_instance(7)
    fake.add_provider(Provider)
    return fake


def size_of(middleware, url):
    answer = ask(checked(middleware), environ_for(url))
    assert answer.code == 200, url
    return Image.open(io.BytesIO(answer.body)).size


def test_the_provider_takes_the_place_of_fakers_own_services(fake, middleware):
    urls = {fake.image_url() for _ in range(50)}
    assert len(urls) == 50
    assert all(url.startswith("/placeholder/") for url in urls)
    sides = [size_of(middleware, url) for url in sorted(urls)[:5]]
    assert all(16 <= side <= 1024 for size in sides for side in size)
    assert size_of(middleware, fake.image_url(width=300, height=200)) == (300, 200)
    assert fake.image_url(9, 8, placeholder_url="/x/{width}-{height}") == "/x/9-8"


def test_pictures_with_parameters(fake):
    url = fake.placeholder_url(600, 400, bg="teal", text="a|b")
    assert url == "/placeholder/600x400/008080?text=a%5C|b"
    with pytest.raises(BadParameter):
        fake.placeholder_url(600, 400, bg="teel")


def test_another_prefix():
    fake = Faker()
    fake.add_provider(Provider(fake, prefix="/ph"))
    assert fake.image_url(3, 4) == "/ph/3x4"


def test_fakers_own_template(middleware):
    """Without our provider: the parameter that Faker has for other services."""
    url = Faker().image_url(640, 480, placeholder_url="/placeholder/{width}x{height}.webp")
    assert size_of(middleware, url) == (640, 480)


def test_factory_boy_and_sorl_thumbnail():
    """As docs/services.md shows them, on a real Django model and in a real template."""
    program = """
    import io, tempfile
    import django
    from django.conf import settings
    settings.configure(
        INSTALLED_APPS=["sorl.thumbnail"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        MEDIA_ROOT=tempfile.mkdtemp(),
        THUMBNAIL_DUMMY=True,
        THUMBNAIL_DUMMY_SOURCE="/placeholder/%(width)sx%(height)s",
    )
    django.setup()
    import factory
    from django.core.management import call_command
    from django.db import connection, models
    from django.template import Context, Template
    from PIL import Image
    from wsgi_placeholder import render

    class Product(models.Model):
        photo = models.ImageField(upload_to="photos")
        class Meta:
            app_label = "shop"

    class ProductFactory(factory.django.DjangoModelFactory):
        class Meta:
            model = Product
        photo = factory.django.ImageField(
            from_func=lambda: io.BytesIO(render("600x400.jpg?text=Photo").body)
        )

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Product)
    product = ProductFactory()
    print(product.photo.width, product.photo.height, Image.open(product.photo.path).format)
    page = '{% load thumbnail %}{% thumbnail photo "300x200" as im %}{{ im.url }}{% endthumbnail %}'
    print(Template(page).render(Context({"photo": "missing.jpg"})))
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split("\n")[:2] == ["600 400 JPEG", "/placeholder/300x200"], done.stderr


def test_where_signatures_count():
    options = {"secret": secrets.token_urlsafe(32), "require_signature": True}
    fake = Faker()
    fake.add_provider(Provider(fake, **options))
    assert size_of(PlaceholderMiddleware(not_found, **options), fake.image_url(60, 40)) == (60, 40)
