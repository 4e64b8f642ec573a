"""What stands around each request: cookies, headers, sessions, language, visitors."""
