"""A camera that speaks ONVIF: SOAP over HTTP with WS-Security's digest, and a head that turns.

It answers what a client asks before it turns a camera, as the WSDL of ONVIF's device, media and PTZ
services has it. Time does not pass for its head: a move is over after so many questions how it is.
"""

import base64
import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Self
from xml.etree import ElementTree as ET

from tests.servers.threaded import Threaded

PTZ = "http://www.onvif.org/ver10/tptz/PanTiltSpaces"
GENERIC = f"{PTZ}/PositionGenericSpace"
DEGREES = f"{PTZ}/SphericalPositionSpaceDegrees"
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
SOAP = "{http://www.w3.org/2003/05/soap-envelope}"

ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:ter="http://www.onvif.org/ver10/error" xmlns:tt="http://www.onvif.org/ver10/schema"
 xmlns:tds="http://www.onvif.org/ver10/device/wsdl"
 xmlns:trt="http://www.onvif.org/ver10/media/wsdl"
 xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"><s:Body>{body}</s:Body></s:Envelope>"""
FAULT = """<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:{code}</s:Value>
</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">{why}</s:Text></s:Reason></s:Fault>"""
TIME = """<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>
<tt:DateTimeType>Manual</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>
<tt:UTCDateTime><tt:Time><tt:Hour>1</tt:Hour><tt:Minute>2</tt:Minute><tt:Second>3</tt:Second>
</tt:Time><tt:Date><tt:Year>2001</tt:Year><tt:Month>1</tt:Month><tt:Day>1</tt:Day></tt:Date>
</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"""
SERVICE = """<tds:Service><tds:Namespace>http://www.onvif.org/{name}/wsdl</tds:Namespace>
<tds:XAddr>{address}/onvif/{name}</tds:XAddr>
<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"""
PTZ_PART = """<tt:PTZConfiguration token="c1"><tt:Name>head</tt:Name><tt:UseCount>1</tt:UseCount>
<tt:NodeToken>n1</tt:NodeToken></tt:PTZConfiguration>"""
PROFILES = """<trt:GetProfilesResponse><trt:Profiles token="p0"><tt:Name>still</tt:Name>
</trt:Profiles><trt:Profiles token="p1"><tt:Name>main</tt:Name>{ptz}</trt:Profiles>
</trt:GetProfilesResponse>"""
RANGE = "<tt:{axis}Range><tt:Min>{least}</tt:Min><tt:Max>{most}</tt:Max></tt:{axis}Range>"
NODE = """<tptz:GetNodeResponse><tptz:PTZNode token="n1"><tt:SupportedPTZSpaces>{positions}
<tt:ContinuousPanTiltVelocitySpace><tt:URI>{ptz}/VelocityGenericSpace</tt:URI>
<tt:XRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:XRange>
<tt:YRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:YRange></tt:ContinuousPanTiltVelocitySpace>
</tt:SupportedPTZSpaces><tt:MaximumNumberOfPresets>8</tt:MaximumNumberOfPresets>
<tt:HomeSupported>false</tt:HomeSupported></tptz:PTZNode></tptz:GetNodeResponse>"""
STATUS = """<tptz:GetStatusResponse><tptz:PTZStatus>{position}{state}
<tt:UtcTime>2001-01-01T01:02:03Z</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"""
AT = '<tt:Position><tt:PanTilt x="{x}" y="{y}" space="{space}"/></tt:Position>'
MOVE = "<tt:MoveStatus><tt:PanTilt>{state}</tt:PanTilt></tt:MoveStatus>"
PRESET = '<tptz:Preset token="{token}"><tt:Name>{name}</tt:Name></tptz:Preset>'


@dataclass
class OnvifCamera:
    """What it can do, and how it misbehaves, may be set before it is asked."""

    login: tuple[str, str] = ("viewer", "s3cret")
    space: str | None = GENERIC  # None: it cannot be sent to a position
    turns: bool = True
    says_state: bool = True
    says_position: bool = True
    stuck_at: tuple[float, float] | None = None
    questions: int = 2  # about how it is, until a move is over
    presets: dict[str, tuple[str, float, float]] = field(
        default_factory=lambda: {"1": ("Gate", 0.5, -0.25), "2": ("Yard", -0.5, 0.0)}
    )
    garbage: bool = False
    silent: bool = False
    at: tuple[float, float] = (0.0, 0.0)
    asked: list[str] = field(default_factory=list)
    velocity: tuple[float, float] | None = None
    _left: int = 0

    def __enter__(self) -> Self:
        camera = self
        self.stopping = threading.Event()

        class Answer(_Answer):
            of = camera

        self._server = Threaded(Answer)
        self.port = self._server.port
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.stop()

    def answer(self, envelope: ET.Element) -> tuple[int, str]:
        body = envelope.find(f"{SOAP}Body")
        assert body is not None
        what = body[0].tag.rpartition("}")[2]
        self.asked.append(what)
        if what == "GetSystemDateAndTime":
            return 200, TIME
        if not self._admits(envelope):
            return 400, FAULT.format(code="NotAuthorized", why="Sender not Authorized")
        return 200, self._answers_to(what)(body[0])

    def _answers_to(self, what: str) -> Callable[[ET.Element], str]:
        """As GetStatus is `_get_status`."""
        answer: Callable[[ET.Element], str] = getattr(
            self, "_" + re.sub("(?<!^)(?=[A-Z])", "_", what).lower()
        )
        return answer

    def _admits(self, envelope: ET.Element) -> bool:
        """WS-Security's UsernameToken: base64(SHA-1(nonce + created + password))."""
        token = envelope.find(f".//{WSSE}UsernameToken")
        if token is None:
            return False
        nonce = base64.b64decode(token.findtext(f"{WSSE}Nonce") or "")
        created = (token.findtext(f"{WSU}Created") or "").encode()
        user, password = self.login
        digest = hashlib.sha1(nonce + created + password.encode()).digest()  # noqa: S324 - as its norm says
        return (user, base64.b64encode(digest).decode()) == (
            token.findtext(f"{WSSE}Username"), token.findtext(f"{WSSE}Password")
        ) and created.startswith(b"2001-01-01")  # fmt: skip # by the camera's own clock

    def _get_services(self, _: ET.Element) -> str:
        address = f"http://127.0.0.1:{self.port}"
        names = ("ver10/device", "ver10/media", "ver20/ptz")
        services = "".join(SERVICE.format(name=name, address=address) for name in names)
        return f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>"

    def _get_profiles(self, _: ET.Element) -> str:
        return PROFILES.format(ptz=PTZ_PART if self.turns else "")

    def _get_node(self, _: ET.Element) -> str:
        most = 180 if self.space == DEGREES else 1
        ranges = "".join(RANGE.format(axis=axis, least=-most, most=most) for axis in "XY")
        tag = "tt:AbsolutePanTiltPositionSpace"
        space = f"<{tag}><tt:URI>{self.space}</tt:URI>{ranges}</{tag}>" if self.space else ""
        return NODE.format(positions=space, ptz=PTZ)

    def _absolute_move(self, asked: ET.Element) -> str:
        vector = next(one for one in asked.iter() if one.tag.endswith("PanTilt"))
        self._go(float(vector.attrib["x"]), float(vector.attrib["y"]))
        return "<tptz:AbsoluteMoveResponse/>"

    def _continuous_move(self, asked: ET.Element) -> str:
        vector = next(one for one in asked.iter() if one.tag.endswith("PanTilt"))
        self.velocity = float(vector.attrib["x"]), float(vector.attrib["y"])
        return "<tptz:ContinuousMoveResponse/>"

    def _stop(self, _: ET.Element) -> str:
        return "<tptz:StopResponse/>"

    def _goto_preset(self, asked: ET.Element) -> str:
        token = next(one.text for one in asked.iter() if one.tag.endswith("PresetToken"))
        _, x, y = self.presets[str(token)]
        self._go(x, y)
        return "<tptz:GotoPresetResponse/>"

    def _get_presets(self, _: ET.Element) -> str:
        known = "".join(
            PRESET.format(token=token, name=name) for token, (name, *_) in self.presets.items()
        )
        return f"<tptz:GetPresetsResponse>{known}</tptz:GetPresetsResponse>"

    def _get_status(self, _: ET.Element) -> str:
        moving, self._left = self._left > 0, max(0, self._left - 1)
        x, y = self.at
        position = AT.format(x=x, y=y, space=self.space) if self.says_position else ""
        state = MOVE.format(state="MOVING" if moving else "IDLE") if self.says_state else ""
        return STATUS.format(position=position, state=state)

    def _go(self, x: float, y: float) -> None:
        self.at, self._left = self.stuck_at or (x, y), self.questions


class _Answer(BaseHTTPRequestHandler):
    of: OnvifCamera

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"]))
        if self.of.silent:
            self.of.stopping.wait(20)
            return
        status, kind, said = 200, "text/html", "<html><body>router login<br></body></html>"
        if not self.of.garbage:
            status, body = self.of.answer(ET.fromstring(text))  # noqa: S314 - our own client wrote it
            kind, said = "application/soap+xml", ENVELOPE.format(body=body)
        data = said.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass
