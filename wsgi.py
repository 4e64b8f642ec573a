"""The WSGI application, for ``gunicorn wsgi:application`` from a checkout."""

from idp.app import wsgi_application

application = wsgi_application()
