"""Mutation testing of the three folders that hold the law: see docs/mutants.md."""
