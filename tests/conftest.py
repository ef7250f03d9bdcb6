"""Settings of all tests."""

from hypothesis import settings

# how long an example takes says more about the machine's load than about the program; the same examples in every run,
# so that a change is judged by the change. Look for new ones with --hypothesis-profile=search.
settings.register_profile("kneeimu", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=500)
settings.load_profile("kneeimu")
