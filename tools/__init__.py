"""Tools of the developers: they write what is generated."""
