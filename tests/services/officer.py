"""Two officers: whom the machine knows them as, the words of an act, how commands end."""

from idp.domain.people.mobile import Mobile
from idp.ports import Operator

FIRST, SECOND = Operator("rezaei", "desk-4"), Operator("karimi", "desk-4")

OK, REFUSED, USAGE, NOT_FOUND = 0, 1, 2, 3
WHO = ("--officer", "o-17", "--branch", "تهران ۴", "--reason", "درخواست")
OF_SECOND = ("--officer", "o-18", *WHO[2:], "--documents", "کارت ملی و شناسنامه")
ACT = (*WHO, "--documents", "کارت ملی و شناسنامه")
NEW_MOBILE = Mobile("+989121111111")
