"""SMS, mails and one-time codes: written, limited, sent."""
