"""What all databases that speak SQL share: rows, portable statements, the way they are used."""
