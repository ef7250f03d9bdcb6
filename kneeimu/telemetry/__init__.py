"""MQTT: what others may know of a session, and what a coach may send."""
