"""A FRITZ!Box for tests: device and service descriptions, SOAP with digest login, a list of hosts.

As AVM's "First Steps" and "LANHosts" documents of TR-064 have it.
"""

import hashlib
import re
from dataclasses import dataclass

from tests.servers.logins import NONCE, REALM
from tests.servers.routers import PASSWORD, USER, Handler, Router

HOSTS = "urn:dslforum-org:service:Hosts:1"
DEVICE = f"""<?xml version="1.0"?>
<root xmlns="urn:dslforum-org:device-1-0">
<systemVersion><HW>226</HW><Major>154</Major><Minor>8</Minor><Patch>2</Patch>
<Buildnumber>1</Buildnumber><Display>154.08.02</Display></systemVersion>
<device><deviceType>urn:dslforum-org:device:InternetGatewayDevice:1</deviceType>
<friendlyName>FRITZ!Box 7590</friendlyName><modelName>FRITZ!Box 7590</modelName>
<serviceList><service><serviceType>{HOSTS}</serviceType>
<serviceId>urn:LanDeviceHosts-com:serviceId:Hosts1</serviceId>
<controlURL>/upnp/control/hosts</controlURL><eventSubURL>/upnp/control/hosts</eventSubURL>
<SCPDURL>/hostsSCPD.xml</SCPDURL></service></serviceList></device></root>"""
SERVICE = """<?xml version="1.0"?>
<scpd xmlns="urn:dslforum-org:service-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion>
<actionList><action><name>X_AVM-DE_GetHostListPath</name><argumentList><argument>
<name>NewX_AVM-DE_HostListPath</name><direction>out</direction>
<relatedStateVariable>X_AVM-DE_HostListPath</relatedStateVariable></argument></argumentList></action>
</actionList><serviceStateTable><stateVariable sendEvents="no"><name>X_AVM-DE_HostListPath</name>
<dataType>string</dataType><defaultValue/></stateVariable></serviceStateTable></scpd>"""
ENVELOPE = """<?xml version="1.0"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
 s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>
<u:X_AVM-DE_GetHostListPathResponse xmlns:u="urn:dslforum-org:service:Hosts:1">
<NewX_AVM-DE_HostListPath>/devicehostlist.lua?sid=0123456789abcdef</NewX_AVM-DE_HostListPath>
</u:X_AVM-DE_GetHostListPathResponse></s:Body></s:Envelope>"""


@dataclass
class FritzServer(Router):
    """Speaks TR-064; `applications` is the switch 'Permit access for applications'."""

    applications: bool = True
    names_activity: bool = True

    def answer(self, call: Handler) -> None:
        match call.path_only:
            case "/tr64desc.xml" if self.applications:
                call.give(DEVICE, "text/xml")
            case "/hostsSCPD.xml":
                call.give(SERVICE, "text/xml")
            case "/upnp/control/hosts":
                self._control(call)
            case "/devicehostlist.lua":
                if not call.faulty():
                    call.give(self._list(), "text/xml")
            case _:
                call.give("<html><body>404 Not Found</body></html>", "text/html", 404)

    def _control(self, call: Handler) -> None:
        given = call.headers.get("Authorization", "")
        if _admits(given):
            call.give(ENVELOPE, "text/xml")
            return
        self.wrong_logins += bool(given)
        challenge = f'Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5, qop="auth"'
        call.give("<html><body>401 Unauthorized (ERR_NONE)</body></html>", "text/html", 401,
                  WWW_Authenticate=challenge)  # fmt: skip

    def _list(self) -> str:
        items = "".join(
            f"<Item><Index>{number}</Index><IPAddress>{one.address}</IPAddress>"
            f"<MACAddress>{one.mac.upper()}</MACAddress>"
            + (f"<Active>{int(one.connected)}</Active>" if self.names_activity else "")
            + f"<HostName>{one.host}</HostName><InterfaceType>802.11</InterfaceType></Item>"
            for number, one in enumerate(self.devices, 1)
        )
        return f'<?xml version="1.0" encoding="utf-8"?><List>{items}</List>'


def _admits(given: str) -> bool:
    """RFC 7616 with MD5 and qop=auth."""
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', given))
    if not said.get("response"):
        return False
    first = _md5(f"{USER}:{REALM}:{PASSWORD}")
    second = _md5(f"POST:{said['uri']}")
    middle = f"{NONCE}:{said['nc']}:{said['cnonce']}:{said['qop']}"
    return said["response"] == _md5(f"{first}:{middle}:{second}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - as the RFC has it
