"""A Django project with the PyPI package mozilla-django-oidc, unmodified; run by `.venv/clients`.

python django_portal.py <settings as JSON: issuer, client_id, secret, port, folder>
"""

import json
import sys
from urllib.parse import urlencode
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import include, path

known = json.loads(sys.argv[1])
issuer, address = known["issuer"], f"http://127.0.0.1:{known['port']}"


def leave(request: HttpRequest) -> str:
    """Return where the hub signs out (RP-Initiated Logout 2)."""
    asked = {
        "id_token_hint": request.session["oidc_id_token"],
        "post_logout_redirect_uri": f"{address}/goodbye",
    }
    return f"{issuer}/oauth2/end_session?{urlencode(asked)}"


def home(request: HttpRequest) -> HttpResponse:
    """Say who is signed in, with the button that signs out."""
    who = getattr(request.user, "email", "") or "nobody"
    return HttpResponse(
        f"<p>{who}</p><form method=post action=/oidc/logout/>"
        f"<input name=csrfmiddlewaretoken value={get_token(request)}></form>"
    )


settings.configure(
    SECRET_KEY="of a test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{known['folder']}/django.db"}
    },
    INSTALLED_APPS=[
        *("django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"),
        "mozilla_django_oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
    OIDC_RP_CLIENT_ID=known["client_id"],
    OIDC_RP_CLIENT_SECRET=known["secret"],
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_USE_PKCE=True,
    OIDC_STORE_ID_TOKEN=True,
    OIDC_OP_JWKS_ENDPOINT=f"{issuer}/oauth2/jwks",
    OIDC_OP_AUTHORIZATION_ENDPOINT=f"{issuer}/oauth2/authorize",
    OIDC_OP_TOKEN_ENDPOINT=f"{issuer}/oauth2/token",
    OIDC_OP_USER_ENDPOINT=f"{issuer}/oauth2/userinfo",
    OIDC_OP_LOGOUT_URL_METHOD=f"{__name__}.leave",
    LOGIN_REDIRECT_URL="/",
    LOGOUT_REDIRECT_URL="/",
    LOGIN_REDIRECT_URL_FAILURE="/failed",
)
django.setup()
urlpatterns = [
    path("", home),
    path("goodbye", home),
    path("oidc/", include("mozilla_django_oidc.urls")),
]
call_command("migrate", verbosity=0)
make_server("127.0.0.1", known["port"], get_wsgi_application()).serve_forever()
