"""The command line, `idp ...`."""
