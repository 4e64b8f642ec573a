"""Numbers of limits that no setting moves; the others stand in the settings' section ``limits``."""

from datetime import timedelta

from idp.domain.protection.rate_limits import Limit

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONTH = timedelta(days=30)

CONVERSION_SAMPLE = 200
"""Codes that anybody can have sent, before few right answers mean anything."""
POOR_CONVERSION = 4
"""Poor: fewer than one in four came back right, in this hour and the one before."""
BRAKED_TO = 10
"""While the conversion is poor an hour has a tenth of its budget."""
MOBILE_CHANGES = Limit(5, DAY)
"""Changes of the mobile that an account may begin."""
EMAIL_LINKS = Limit(5, DAY)
"""Links that confirm an e-mail address, per account."""
