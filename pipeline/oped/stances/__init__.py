"""What stance a statement takes towards an entity named in it: for, against or none."""
