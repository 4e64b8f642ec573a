"""Persian text: characters, digits, names, dates of the solar Hijri calendar."""
