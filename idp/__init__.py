"""The identity provider of account.tamin.ir; docs/develop/architecture.md has the layers."""
