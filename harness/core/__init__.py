"""What every part of the harness speaks of: errors, results, findings, configuration, locations."""
