"""What both servers hold: how long a request may take, and how long one that runs may end in."""

GRACE_SECONDS = 10
REQUEST_SECONDS = 30
