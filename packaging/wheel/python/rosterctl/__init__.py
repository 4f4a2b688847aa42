"""The program rosterctl. `python -m rosterctl` runs it where the folder of scripts isn't on the path."""
