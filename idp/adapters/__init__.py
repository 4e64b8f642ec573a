"""The rest of the outside: time, chance, hashing, keys, Redis, registries, SMS, fetching."""
