"""Sample portals and an API: read them before you write your own."""
