"""The rest of the outside: Redis, registries, SMS gateways, password hashing, outbound HTTP, the clock."""
