"""The acceptance tester's browsers, plain HTTP and Chromium, and the server of its hub."""
