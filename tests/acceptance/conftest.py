import subprocess

import pytest

from support import World


def pytest_configure(config):
    """What a thread of a test asserts fails the test."""
    config.addinivalue_line(
        "filterwarnings", "error::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture
def small_disk(request, tmp_path):
    """The world's data folder on a disk of that size."""
    folder = tmp_path / "data"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "tmpfs",
             str(folder)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
