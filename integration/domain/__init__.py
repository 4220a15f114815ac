"""The law as a pure function: facts and an instant in, findings and the next deadline out. No I/O, no clock."""
