import pytest

from support import World


def pytest_configure(config):
    """What a thread of a test asserts fails the test."""
    config.addinivalue_line(
        "filterwarnings", "error::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)
