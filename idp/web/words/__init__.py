"""The words of the pages: messages, texts of the guide, branding."""
