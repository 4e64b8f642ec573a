"""The WSGI application, for ``gunicorn -c config/gunicorn.conf.py wsgi`` from a checkout."""

from idp.app import wsgi_application

application = wsgi_application()
