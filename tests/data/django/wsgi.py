import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
application = get_wsgi_application()

if "RECIPES" in os.environ:
    from wsgi_placeholder.integrations.django import placeholders

    application = placeholders(application)
