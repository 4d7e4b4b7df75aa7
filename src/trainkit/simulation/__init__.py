"""How would a trainee of some kind play? Simulated trainees, and the rows they would log."""
