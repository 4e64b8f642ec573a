"""Text messages, what they cost, and the delivery of logout notices."""
