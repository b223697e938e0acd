"""What is made before a session runs: studies, steps, lists, people, consent."""
