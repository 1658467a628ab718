"""What errors of libcamera mean for the person at the terminal."""

from collections.abc import Iterator
from typing import Any

from whosthere.cameras.picamera_library import Library
from whosthere.core.errors import CameraTrouble

LIST = "'rpicam-hello --list-cameras' must list it"


def opening_trouble(name: str, number: int, error: BaseException) -> CameraTrouble:
    """Say why a camera could not be opened."""
    said = list(_causes(error))
    text = " ".join(said).lower()
    if "busy" in text or "acquire" in text or "in use" in text:
        why = (
            f"camera {number} is in use by another program, perhaps another whosthere,"
            " motion, or rpicam. 'sudo fuser -v /dev/media*' names it. Close that."
        )
    elif "permission denied" in text:
        why = "may not be opened. Add this user to the group 'video', and log in anew."
    elif "tuning file" in text:
        why = (
            "there is no such tuning_file. Those that there are: ls /usr/share/libcamera/ipa/rpi/*/"
        )
    elif "cannot allocate memory" in text or "out of memory" in text:
        why = "has not enough memory for its pictures. Set a smaller width and height."
    elif "not found" in text or "no camera" in text:
        return none_found(name)
    else:
        why = f"cannot be opened. libcamera says: {said[-1].rstrip('.')}."
    return CameraTrouble(f"Camera '{name}': {why}")


def the_camera(library: Library, name: str, number: int) -> dict[str, Any]:
    """What is known of a camera before it is opened. Raises if it is not there."""
    there = library.camera.global_camera_info()
    if not there:
        raise none_found(name)
    if number >= len(there):
        models = ", ".join(f"{at} ({one.get('Model', '?')})" for at, one in enumerate(there))
        raise CameraTrouble(
            f"Camera '{name}': there is no camera {number}. Set number to one of these: {models}."
        )
    found: dict[str, Any] = there[number]
    return found


def none_found(name: str) -> CameraTrouble:
    return CameraTrouble(
        f"Camera '{name}': no camera is detected. Switch the Pi off, and push its ribbon cable home"
        f" at both ends, contacts to the right side. After that, {LIST}."
    )


def stuck(name: str, seconds: float) -> CameraTrouble:
    return CameraTrouble(
        f"Camera '{name}' has given no picture for {seconds:g} s. It is opened anew. If that"
        " does not help, check its ribbon cable and the power supply."
    )


def _causes(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield str(error) or type(error).__name__
        error = error.__cause__ or error.__context__
