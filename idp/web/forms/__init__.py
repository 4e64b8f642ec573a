"""What forms share: fields, flows, refused and repeated forms, flashes, proof of work."""
