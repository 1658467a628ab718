"""What people are told where picamera2 cannot be used: which line of apt or venv puts it right."""

import pytest

from whosthere.cameras.picamera import PiCamera
from whosthere.cameras.picamera_library import APT_LINE, VENV_LINE, Surroundings, why_not
from whosthere.core.errors import CameraTrouble

ON_A_PI = Surroundings(
    in_venv=True, sees_system=True, is_system_python=True, has_apt_package=True, version="3.11"
)
MISSING = ModuleNotFoundError("No module named 'picamera2'", name="picamera2")


def test_without_the_package_the_apt_line_is_told():
    said = why_not(MISSING, ON_A_PI._replace(has_apt_package=False))
    assert APT_LINE in said
    assert VENV_LINE not in said


def test_in_a_closed_environment_the_venv_line_is_told():
    said = why_not(MISSING, ON_A_PI._replace(sees_system=False))
    assert VENV_LINE in said
    assert APT_LINE not in said


def test_another_python_than_the_systems_is_told():
    said = why_not(MISSING, ON_A_PI._replace(is_system_python=False, version="3.14"))
    assert "This is Python 3.14 of another origin" in said
    assert VENV_LINE in said


def test_picamera2_by_pip_has_no_libcamera():
    error = ModuleNotFoundError("No module named 'libcamera'", name="libcamera")
    said = why_not(error, ON_A_PI._replace(has_apt_package=False))
    assert "libcamera is not found" in said
    assert APT_LINE in said


@pytest.mark.parametrize(
    "error",
    [
        ValueError(
            "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C"
            " header, got 88 from PyObject"
        ),
        ImportError("numpy.core.multiarray failed to import"),
        AttributeError("_ARRAY_API not found"),
        ImportError(
            "\nA module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.3.1 as it may"
        ),
    ],
)
def test_a_numpy_that_does_not_fit_is_told(error):
    said = why_not(error, ON_A_PI)
    assert "the numpy of this environment does not fit" in said
    assert "numpy<2" in said


def test_anything_else_is_told_in_a_line():
    said = why_not(ImportError("libcamera.so.0.5: cannot open\nand more"), ON_A_PI)
    assert "libcamera.so.0.5: cannot open" in said
    assert "and more" not in said


def test_without_picamera2_the_camera_says_so():
    with pytest.raises(CameraTrouble, match="Camera 'front': picamera2 is not found") as told:
        list(PiCamera("front").frames())
    assert APT_LINE in str(told.value)
