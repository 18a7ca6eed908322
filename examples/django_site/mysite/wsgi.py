"""Django: the middleware goes around the WSGI application, for every server alike.

$ python django_site/manage.py runserver 8000
$ gunicorn --config gunicorn.conf.py --chdir django_site --bind 127.0.0.1:8000 mysite.wsgi
"""

import os

from django.core.wsgi import get_wsgi_application

from wsgi_placeholder.integrations.django import placeholders

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")

application = placeholders(get_wsgi_application())
