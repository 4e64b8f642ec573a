"""Limits that no setting changes; the others are in the settings' section ``limits``."""

from datetime import timedelta

from idp.domain.protection.rate_limits import Limit

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONTH = timedelta(days=30)

CONVERSION_SAMPLE = 200
"""Codes sent for registration and recovery before their conversion is judged."""
POOR_CONVERSION = 4
"""Poor conversion: fewer than one code in 4 came back right, in this hour and the one before."""
BRAKED_TO = 10
"""While the conversion is poor, the hour's SMS budget is divided by this."""
MOBILE_CHANGES = Limit(5, DAY)
"""Changes of the mobile that an account may start."""
EMAIL_LINKS = Limit(5, DAY)
"""Links that confirm an e-mail address, per account."""
