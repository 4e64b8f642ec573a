"""RP-initiated logout, front-channel logout, and the tokens of back-channel logout."""
