"""The identity provider of account.tamin.ir. docs/architecture.md shows the rooms and who may import whom."""
