"""Every scope that the hub knows. Discovery, the checks and client registration use this table."""

OPENID = "openid"
OFFLINE_ACCESS = "offline_access"
PROFILE, EMAIL, PHONE, ADDRESS = "profile", "email", "phone", "address"
NATIONAL_ID = "national_id"
ASSURANCE = "tamin.assurance"
ROLES = "tamin.roles"
PHYSICIAN = "tamin.physician"

STANDARD_SCOPES = (OPENID, PROFILE, EMAIL, PHONE, ADDRESS, OFFLINE_ACCESS)
"""Those of OIDC Core 3.1.2.1, 5.4 and 11."""

KNOWN_SCOPES = (
    *STANDARD_SCOPES,
    NATIONAL_ID,
    ASSURANCE,
    ROLES,
    PHYSICIAN,
)
