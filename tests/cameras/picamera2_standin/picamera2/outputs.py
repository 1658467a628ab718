"""A stand-in for picamera2.outputs. Not the real thing."""


class Output:
    def __init__(self, pts=None):
        self.recording = False
        self.ptsoutput = pts

    def start(self):
        self.recording = True

    def stop(self):
        self.recording = False

    def outputframe(self, frame, keyframe=True, timestamp=None, packet=None, audio=False):  # noqa: FBT002 - picamera2's
        raise NotImplementedError
