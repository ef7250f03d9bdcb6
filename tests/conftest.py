"""Settings of all tests."""

from hypothesis import settings

# how long an example takes says more about the machine's load than about the program
settings.register_profile("kneeimu", deadline=None)
settings.load_profile("kneeimu")
