"""Where citizens who are stuck find a way: questions and answers, and the branches."""
