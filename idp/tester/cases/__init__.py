"""What a portal must survive, a function a case."""
