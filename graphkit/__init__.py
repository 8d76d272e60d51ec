"""graphkit finds rings of AI-operated accounts and leads every finding back to events."""
