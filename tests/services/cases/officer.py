"""An officer at the command line: how commands end, and the words of an act."""

from idp.domain.mobile import Mobile

OK, REFUSED, USAGE, NOT_FOUND = 0, 1, 2, 3
WHO = ("--officer", "o-17", "--branch", "تهران ۴", "--reason", "درخواست")
ACT = (*WHO, "--documents", "کارت ملی و شناسنامه")
NEW_MOBILE = Mobile("+989121111111")
