"""The commands of the command line, one a module; each exposes ``command``."""
