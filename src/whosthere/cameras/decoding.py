"""From packets to pictures: all of them, or only key frames while nothing happens."""

import av
from av.video.stream import VideoStream

from whosthere.cameras.stream import AvPacket

MOST_KEPT = 600  # packets since a key frame that are kept to catch up with


class Decoder:
    """Decodes a stream and survives damaged packets.

    With `key_frames_only`, everything else is decoded only while awake. The packets since the last
    key frame are kept, so that waking in the midst of a group of pictures is possible at once.
    """

    def __init__(
        self, stream: VideoStream, *, key_frames_only: bool = False, low_delay: bool = False
    ) -> None:
        self.context = stream.codec_context
        self.context.thread_count = 1  # more threads cost more in sum, and add a frame of delay
        if low_delay:
            self.context.flags |= av.codec.context.Flags.low_delay
        self._key_frames_only = key_frames_only
        self._group: list[AvPacket] = []  # since the last key frame that was decoded
        self._drained = False  # the decoder has forgotten that key frame
        self._lost = False  # the group grew too long to be kept
        self.damaged = 0  # packets that could not be decoded

    def decode(self, packet: AvPacket, *, awake: bool = True) -> list[av.VideoFrame]:
        """Return the pictures that are ready; none where the packet is damaged or not wanted."""
        if not self._key_frames_only:
            return self._decode(packet)
        if packet.is_keyframe:
            self._lost = False
        if awake and not self._lost:
            self._catch_up()
            return self._decode(packet)
        if packet.is_keyframe:
            self._group = [packet]
            return self._decode_alone(packet)
        self._keep(packet)
        return []

    def _decode(self, packet: AvPacket | None) -> list[av.VideoFrame]:
        try:
            pictures = self.context.decode(packet)
        except av.error.FFmpegError:
            self.damaged += 1
            return []
        # what refers to pictures that never came is grey mud, which would be taken for motion
        whole = [picture for picture in pictures if not picture.is_corrupt]
        self.damaged += len(pictures) - len(whole)
        return whole

    def _decode_alone(self, packet: AvPacket) -> list[av.VideoFrame]:
        """Decode a key frame and have it now, though the stream may hold pictures back."""
        pictures = self._decode(packet)
        self._drained = not pictures
        if self._drained:
            pictures = self._decode(None)
            self.context.flush_buffers()
        return pictures[-1:]

    def _keep(self, packet: AvPacket) -> None:
        self._group.append(packet)
        if len(self._group) > MOST_KEPT:
            self._group, self._lost = [], True

    def _catch_up(self) -> None:
        """Decode what was passed over, for the sake of the pictures to come."""
        group, self._group = self._group, []
        for missed in group if self._drained else group[1:]:
            self._decode(missed)
        self._drained = False
