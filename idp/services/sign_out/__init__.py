"""Sign-out, ending sessions, and back-channel logout."""
