"""What a portal is granted: the dispatcher of an authorization, grants, what was released."""
