"""One file per verb of the manual. `refus` gives every reason and touches nothing; the verb locks, checks, acts."""
