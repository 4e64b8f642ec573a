"""Every scope that the hub knows. Discovery, the checks and client registration use this table."""

import re

OPENID = "openid"
OFFLINE_ACCESS = "offline_access"
PROFILE, EMAIL, PHONE, ADDRESS = "profile", "email", "phone", "address"
NATIONAL_ID = "national_id"
ASSURANCE = "tamin.assurance"
ROLES = "tamin.roles"
PHYSICIAN = "tamin.physician"

STANDARD_SCOPES = (OPENID, PROFILE, EMAIL, PHONE, ADDRESS, OFFLINE_ACCESS)
"""Those of OIDC Core 3.1.2.1, 5.4 and 11."""

SERVICE_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,64}")
"""A scope of a client's own (RFC 6749 3.3): what its service may do at an API."""

KNOWN_SCOPES = (
    *STANDARD_SCOPES,
    NATIONAL_ID,
    ASSURANCE,
    ROLES,
    PHYSICIAN,
)
