"""The WSGI application, for ``gunicorn -c config/gunicorn.conf.py wsgi`` in a checkout."""

from idp.app import wsgi_application

application = wsgi_application()
