"""The people in custody, from a CSV file that the jail management system keeps writing."""
