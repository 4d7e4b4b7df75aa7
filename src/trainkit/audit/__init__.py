"""Is this set of cases a sound instrument? What form gives away, whom the scores tell apart, what each scene decides."""
