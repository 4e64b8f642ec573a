"""Two sample relying parties on Authlib's Flask client: read them before you write your own."""
