"""Ranges of mobile numbers and their first operators. Only a hint: numbers are ported since 1395.

Source: libphonenumber 9.0.43 (Iran) united with the regulator's numbering plan of 2026; they differ
only inside 09992 and 09998, where refusing a real subscriber would be the worse error.
"""

import re

ALLOCATED = re.compile(
    r"9(?:(?:0[0-5]|[13][0-9]|2[0-3])[0-9]{2}"
    r"|9(?:[0-46][0-9]{2}|5(?:10|5[0-9])|8(?:[12][0-9]|3[0-2]|88)"
    r"|9(?:[0-3589][0-9]|69|77)))[0-9]{5}"
)
"""The ten digits after +98 of a number that may belong to a mobile subscriber."""

NOT_MOBILE_PREFIX = "94"
"""TD-LTE and other fixed lines inside the mobile block."""

OPERATOR_LABELS = {
    "mci": "همراه اول",
    "irancell": "ایرانسل",
    "rightel": "رایتل",
    "shatel": "شاتل موبایل",
    "aptel": "آپتل",
    "other": "سایر",
}
"""In the order of the list on the page."""

FIRST_HOLDERS = {
    "mci": ("91", "932", "990", "991", "992", "993", "994", "996"),
    "irancell": (
        *("900", "901", "902", "903", "904", "905"),
        *("930", "933", "935", "936", "937", "938", "939"),
    ),
    "rightel": ("920", "921", "922", "923"),
    "shatel": ("9981", "9982", "99830", "99831", "99832"),
    "aptel": ("99910", "99911", "99912", "99913"),
    "other": (
        *("931", "934", "99510", "9955", "99888", "99900", "99901", "99902", "99903", "99904"),
        *("99905", "99906", "99907", "99908", "99909", "9991", "9992", "9993", "9995", "99969"),
        *("99977", "9998", "9999"),
    ),
}
"""Prefixes of the ten digits after +98; the longest that fits wins."""
