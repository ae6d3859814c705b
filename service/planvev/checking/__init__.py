"""What a file must stand before it is published: SHACL and the rest, with findings for people and for tools."""
