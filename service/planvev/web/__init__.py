"""The service over HTTP: routes by kind of visitor, and what they share."""
