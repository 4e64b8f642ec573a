"""The PyPI package idpyoidc, unmodified, as a portal; run by the environment `.venv/clients`.

Prints the address to open ("OPEN <address>") and reads from its standard input where the browser
ended.

    python idpyoidc_portal.py <settings as JSON: issuer, client_id, secret, address>
"""

import json
import os
import sys
from urllib.parse import parse_qsl, urlsplit

from cryptojwt import KeyJar
from idpyoidc.client.rp_handler import RPHandler

known = json.loads(sys.argv[1])
address = known["address"]


def in_the_browser(url: str) -> dict[str, str]:
    """Return the parameters with which the browser came back."""
    print(f"OPEN {url}", flush=True)
    return dict(parse_qsl(urlsplit(sys.stdin.readline().strip()).query))


def must(holds: object, what: str) -> None:
    """Say what holds, or end."""
    if not holds:
        sys.exit(f"not so: {what}")
    print(f"ok {what}", flush=True)


handler = RPHandler(
    base_url=address,
    keyjar=KeyJar(),  # else it writes keys of its own into the folder where it runs
    httpc_params={"verify": os.environ["REQUESTS_CA_BUNDLE"]},
    client_configs={
        "hub": {
            "issuer": known["issuer"],
            "client_id": known["client_id"],
            "client_secret": known["secret"],
            "redirect_uris": [f"{address}/callback"],
            "post_logout_redirect_uris": [f"{address}/goodbye"],
            "client_type": "oidc",
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "add_ons": {
                "pkce": {
                    "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                    "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
                }
            },
            "services": {
                "discovery": {
                    "class": "idpyoidc.client.oidc.provider_info_discovery.ProviderInfoDiscovery"
                },
                "authorization": {"class": "idpyoidc.client.oidc.authorization.Authorization"},
                "access_token": {"class": "idpyoidc.client.oidc.access_token.AccessToken"},
                "userinfo": {"class": "idpyoidc.client.oidc.userinfo.UserInfo"},
                "end_session": {"class": "idpyoidc.client.oidc.end_session.EndSession"},
            },
        }
    },
)

url = handler.begin(issuer_id="hub")
must(url.startswith(f"{known['issuer']}/"), "discovery")
done = handler.finalize(known["issuer"], in_the_browser(url))
must(done.get("id_token"), "code and PKCE")
must(done["userinfo"]["family_name"], "userinfo")
leaving = handler.logout(done["state"])
came_back = in_the_browser(leaving["url"])
must("state" in came_back, "logout")
