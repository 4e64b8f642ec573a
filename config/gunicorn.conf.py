"""gunicorn's options for starting it by hand: ``gunicorn -c config/gunicorn.conf.py wsgi``.

With the wheel, which has no wsgi.py, name the app ``"idp.app:wsgi_application()"``.

`idp serve` needs no such file; both take their options from the hub's settings.
"""

from idp.cli.context import telling_what_is_broken
from idp.settings import load
from idp.web.server import options

with telling_what_is_broken():
    globals().update(options(load()))
