"""One file of a clip: packets of an unchanged stream, copied, or encoded where they must be."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from whosthere.core.packets import Packet
from whosthere.recording.codec_config import config_of
from whosthere.recording.encoding import Encoder
from whosthere.recording.mp4 import Mp4File, Sample, Track
from whosthere.recording.timeline import Timeline


class Part:
    """Begins with a key frame. The file appears together with the first pictures that play."""

    def __init__(self, path: Path, first: Packet) -> None:
        self.path = path
        self.began = self.last_clock = first.clock
        self._stream = first.stream
        self._config = config_of(first.stream.codec, first.stream.extradata, first.data)
        self._timeline = Timeline(first.stream)
        self._encoder = None if self._config else Encoder(first, self._timeline.scale)
        self._file: BinaryIO | None = None
        self._mp4: Mp4File | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing that plays is on disk."""
        return self._mp4 is None or self._mp4.empty

    def fits(self, packet: Packet) -> bool:
        """Whether what this file says at its beginning is enough to decode the packet."""
        stream = packet.stream
        if stream is not self._stream and stream != self._stream:
            return False
        if not packet.key or self._config is None or self._config.has_lengths:
            return True
        # a camera may change its picture without a word, but for that at its key frames
        return config_of(stream.codec, b"", packet.data) in {self._config, None}

    def add(self, packet: Packet) -> bool:
        """Take a packet; say whether all before it are on disk now."""
        dts, pts = self._timeline.place(packet)
        self.last_clock = packet.clock
        if self._encoder is not None:
            ready = self._encoder.encode(packet.data, dts, pts)
            return sum(map(self._write, ready)) > 0
        return self._write(Sample(packet.data, dts, pts, packet.key))

    def flush(self) -> None:
        """Bring to disk what is held."""
        if self._mp4 is not None:
            self._mp4.flush()

    def close(self) -> None:
        """Finish the file. After a failure it is closed as well, and plays up to there."""
        try:
            if self._encoder is not None:
                for sample in self._encoder.finish():
                    self._write(sample)
            if self._mp4 is not None:
                self._mp4.close()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the file as it is: it plays up to the last fragment."""
        if self._file is not None:
            with suppress(OSError):  # a late complaint of a disk whose trouble is known
                self._file.close()
            if self.empty:
                with suppress(OSError):
                    self.path.unlink()

    def _write(self, sample: Sample) -> bool:
        if self._mp4 is None:
            self._mp4 = self._opened()
        return self._mp4.add(sample)

    def _opened(self) -> Mp4File:
        config, size = self._config, (self._stream.width, self._stream.height)
        if self._encoder is not None:
            config, size = self._encoder.config, self._encoder.size
        if config is None:
            raise AssertionError("an encoder that gives pictures says how to decode them")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)  # of the same incident, found in an earlier run
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, 0o640)
        self._file = cast("BinaryIO", os.fdopen(descriptor, "wb", buffering=0))
        return Mp4File(self._file, Track(config, *size, self._timeline.scale))
