"""What people look at: report, dossiers, pictures."""
