"""The identity provider of account.tamin.ir; docs/architecture.md shows who may import whom."""
