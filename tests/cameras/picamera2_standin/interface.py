"""The names and signatures of picamera2 that we rely on, and a comparison with the real one.

    python -m tests.cameras.picamera2_standin.interface picamera2-0.3.38-py3-none-any.whl

reads the sources in the package, and runs nothing of them. `pip download --no-deps picamera2`
fetches it, on any machine.
"""

import ast
import inspect
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

VERSION = "0.3.38"
SIGNATURES = {
    "picamera2.Picamera2.__init__": ("self", "camera_num", "verbose_console", "tuning",
                                     "allocator"),
    "picamera2.Picamera2.global_camera_info": (),
    "picamera2.Picamera2.load_tuning_file": ("tuning_file", "dir"),
    "picamera2.Picamera2.camera_controls": ("self",),
    "picamera2.Picamera2.create_video_configuration": (
        "self", "main", "lores", "raw", "transform", "colour_space", "buffer_count", "controls",
        "display", "encode", "queue", "sensor", "use_case"),
    "picamera2.Picamera2.configure": ("self", "camera_config"),
    "picamera2.Picamera2.camera_configuration": ("self",),
    "picamera2.Picamera2.start": ("self", "config", "show_preview"),
    "picamera2.Picamera2.stop": ("self",),
    "picamera2.Picamera2.close": ("self",),
    "picamera2.Picamera2.capture_request": ("self", "wait", "signal_function", "flush"),
    "picamera2.Picamera2.wait": ("self", "job", "timeout"),
    "picamera2.Picamera2.cancel_all_and_flush": ("self",),
    "picamera2.Picamera2.start_encoder": ("self", "encoder", "output", "pts", "quality", "name"),
    "picamera2.Picamera2.stop_encoder": ("self", "encoders"),
    "request.MappedArray.__init__": ("self", "request", "stream", "reshape", "write"),
    "request.MappedArray.array": ("self",),
    "request.CompletedRequest.acquire": ("self",),
    "request.CompletedRequest.release": ("self",),
    "job.Job.get_result": ("self", "timeout"),
    "job.Job.cancel": ("self",),
    "outputs.output.Output.__init__": ("self", "pts"),
    "outputs.output.Output.start": ("self",),
    "outputs.output.Output.stop": ("self",),
    "outputs.output.Output.outputframe": ("self", "frame", "keyframe", "timestamp", "packet",
                                          "audio"),
    "encoders.libav_h264_encoder.LibavH264Encoder.__init__": (
        "self", "bitrate", "repeat", "iperiod", "framerate", "qp", "profile"),
    "encoders.encoder.Encoder.start": ("self", "quality"),
    "encoders.encoder.Encoder.stop": ("self",),
}  # fmt: skip
# the encoder of the Pi up to 4 has one argument more, which we leave out
HARDWARE_ENCODER = ("encoders.h264_encoder.H264Encoder.__init__",
                    ("self", "bitrate", "repeat", "iperiod", "framerate", "enable_sps_framerate",
                     "qp", "profile"))  # fmt: skip
PLATFORMS = ("VC4", "PISP")


def arguments_of(function: Callable[..., object]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def functions_in(wheel: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """All methods of all classes in a package; of overloads, the last is the real one."""
    with zipfile.ZipFile(wheel) as package:
        for name in package.namelist():
            if name.startswith("picamera2/") and name.endswith(".py"):
                module = name.removeprefix("picamera2/").removesuffix(".py").replace("/", ".")
                tree = ast.parse(package.read(name))
                for one in ast.walk(tree):
                    if isinstance(one, ast.ClassDef):
                        yield from _methods(f"{module}.{one.name}", one)


def _methods(name: str, of: ast.ClassDef) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in of.body:
        if isinstance(one, ast.FunctionDef):
            yield f"{name}.{one.name}", tuple(argument.arg for argument in one.args.args)


def differences(wheel: Path) -> list[str]:
    """What is another in the real package than in our table."""
    real = dict(functions_in(wheel))
    wanted = {**SIGNATURES, HARDWARE_ENCODER[0]: HARDWARE_ENCODER[1]}
    return [
        f"{name}: {arguments} here, {real.get(name, 'missing')} there"
        for name, arguments in wanted.items()
        if real.get(name) != arguments
    ]


if __name__ == "__main__":
    FOUND = differences(Path(sys.argv[1]))
    print("\n".join(FOUND) or f"all {len(SIGNATURES) + 1} are as in the table")  # noqa: T201 - its answer
    sys.exit(bool(FOUND))
