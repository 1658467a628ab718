"""A real RTSP server for tests, from Debian's packages; run by /usr/bin/python3.

    apt-get install gir1.2-gst-rtsp-server-1.0 python3-gst-1.0 gstreamer1.0-plugins-good \
      gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav

Usage: gst_rtsp.py USER PASSWORD. Prints its port. Offers TCP and UDP, login by Digest, and
/h264 and /h265 with a live test picture of 640x360.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - the versions come first

SOURCE = (
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=15/1 ! "
)
STREAMS = {
    "/h264": "x264enc tune=zerolatency key-int-max=15 speed-preset=ultrafast ! rtph264pay",
    "/h265": "x265enc tune=zerolatency key-int-max=15 speed-preset=ultrafast ! rtph265pay",
}


def main(user: str, password: str) -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    login = GstRtspServer.RTSPAuth()
    login.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    who = GstRtspServer.RTSPToken()
    who.set_string("media.factory.role", "viewer")
    login.add_digest(user, password, who)
    server.set_auth(login)
    for path, encoder in STREAMS.items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(f"( {SOURCE} {encoder} name=pay0 pt=96 config-interval=1 )")
        factory.set_shared(True)
        factory.add_role_from_structure(role())
        server.get_mount_points().add_factory(path, factory)
    server.attach(None)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


def role() -> "Gst.Structure":
    allowed = Gst.Structure.new_empty("viewer")
    allowed.set_value("media.factory.access", True)  # noqa: FBT003 - as its library wants it
    allowed.set_value("media.factory.construct", True)  # noqa: FBT003
    return allowed


main(*sys.argv[1:])
