"""For who starts gunicorn by hand: ``gunicorn -c config/gunicorn.conf.py wsgi``.

`idp serve` needs no such file; both take their options from the hub's settings.
"""

from idp.settings import load
from idp.web.server import options

globals().update(options(load()))
