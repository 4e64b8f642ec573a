"""What forms share: fields, flows, refusals that come back, proof of work."""
