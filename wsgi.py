"""The WSGI application, for ``gunicorn wsgi:application`` from a checkout."""

from idp.app import create_app
from idp.settings import load

application = create_app(load())
