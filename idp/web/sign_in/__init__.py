"""The pages of the sign-in, the choice of an account, and the consent."""
