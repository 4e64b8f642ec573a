"""Sign-in: password, second factor, sessions, known devices, consent."""
