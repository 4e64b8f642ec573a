"""Request handling that all pages share: cookies, headers, sessions, language, visitors."""
