"""Routers for tests: real web servers that log people in, forget them, lock out, and break."""

import base64
import hashlib
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

CERTIFICATE = Path(__file__).parents[1] / "data" / "router.pem"  # made by itself, as routers' are
USER, PASSWORD, KEY = "admin", "p&ss wörd", "key-0123456789"
ANN, BOB, BOX = "a4:83:e7:00:00:01", "a4:83:e7:00:00:02", "b8:27:eb:00:00:09"
LOCKED_AFTER = 3  # wrong passwords

Fault = Callable[["Handler"], None]


@dataclass
class Device:
    """Something connected to the router, or known to it."""

    mac: str
    address: str
    host: str
    connected: bool = True
    quiet_ms: int = 0


def household() -> list[Device]:
    return [
        Device(ANN, "192.168.1.40", "Anns-iPhone"),
        Device(BOB, "192.168.1.41", "bobs-pixel", quiet_ms=2500),
        Device(BOX, "192.168.1.9", "whosthere"),
    ]


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, *_: object) -> None:
        """Say nothing of those who hang up."""


@dataclass
class Router:
    """A web server; kinds of routers answer differently."""

    tls: bool = False
    devices: list[Device] = field(default_factory=household)
    fault: Fault | None = None  # what becomes of requests for the list
    calls: list[str] = field(default_factory=list)
    logins: int = 0
    wrong_logins: int = 0
    sessions: set[str] = field(default_factory=set)

    def __enter__(self) -> Self:
        self.over = threading.Event()

        class Here(Handler):
            router = self

        self._server = _Server(("127.0.0.1", 0), Here)
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http{'s' if self.tls else ''}://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def new_session(self) -> str:
        self.logins += 1
        session = hashlib.sha256(str(self.logins).encode()).hexdigest()[:32]
        self.sessions.add(session)
        return session

    def forget_everybody(self) -> None:
        self.sessions.clear()

    def answer(self, call: "Handler") -> None:
        raise NotImplementedError

    @property
    def locked(self) -> bool:
        return self.wrong_logins >= LOCKED_AFTER


class Handler(BaseHTTPRequestHandler):
    """One request."""

    router: Router

    def do_GET(self) -> None:
        self.path_only = urlsplit(self.path).path
        self.query = parse_qs(urlsplit(self.path).query)
        self.raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.router.calls.append(f"{self.command} {self.path_only}")
        try:
            self.router.answer(self)
        except OSError:
            self.close_connection = True  # who asked has gone

    def do_POST(self) -> None:
        self.do_GET()

    @property
    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.raw.decode()).items()}

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (one.strip().partition("=") for one in self.headers.get("Cookie", "").split(";"))
        return {name: value for name, _, value in pairs}

    @property
    def basic(self) -> str:
        kind, _, login = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(login).decode() if kind == "Basic" else ""

    def give(self, body: Any, kind: str = "application/json", status: int = 200, **more: str):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Date", more.pop("Date", self.date_time_string()))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def page(self, body: str, status: int = 200, **more: str) -> None:
        page = f"<!DOCTYPE html>\n<html><body>{body}</body></html>"
        self.give(page, "text/html; charset=utf-8", status, **more)

    def login_page(self, status: int = 200) -> None:
        self.page('<form><input name="user"><input type="password" name="pws"></form>', status)

    def redirect(self, to: str) -> None:
        self.page("", 302, Location=to)

    def faulty(self) -> bool:
        """Do what was asked for in place of the list."""
        if self.router.fault is None:
            return False
        self.router.fault(self)
        return True

    def log_message(self, *_: object) -> None:
        pass


# --- what may go wrong


def status(code: int) -> Fault:
    return lambda call: call.page("sorry", code)


def garbage(call: Handler) -> None:
    call.give("\x00\x01 not what you think {", "application/json")


def no_web_server(call: Handler) -> None:
    call.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
    call.close_connection = True


def hang(call: Handler) -> None:
    call.router.over.wait(30)
    call.close_connection = True


def drip(call: Handler) -> None:
    """Send byte after byte, each before anybody would lose patience, for ever."""
    call.send_response(200)
    call.send_header("Content-Type", "application/json")
    call.end_headers()
    while not call.router.over.wait(0.05):
        call.wfile.write(b" ")
    call.close_connection = True


def cut(call: Handler) -> None:
    """Hang up in the middle of the list."""
    call.send_response(200)
    call.send_header("Content-Type", "application/json")
    call.send_header("Content-Length", "5000")
    call.end_headers()
    call.wfile.write(b'[{"mac": "')
    call.close_connection = True


def cut_at_once(call: Handler) -> None:
    call.close_connection = True


def huge(call: Handler) -> None:
    call.send_response(200)
    call.send_header("Content-Type", "application/json")
    call.end_headers()
    call.close_connection = True
    while not call.router.over.is_set():
        call.wfile.write(b"[" * 65536)


def login_page(call: Handler) -> None:
    call.login_page()


def circle(call: Handler) -> None:
    call.redirect(call.path)


# --- kinds of routers


@dataclass
class TalkRouter(Router):
    """Login by form, then a cookie `userid`; JSON with host names."""

    def answer(self, call: Handler) -> None:
        match call.command, call.path_only:
            case "GET", "/login":
                call.login_page()
            case "POST", "/login":
                self._log_in(call)
            case "GET", "/api/devices":
                known = call.cookies.get("userid") in self.sessions
                if not known or call.cookies.get("user") != USER:
                    call.login_page()
                elif not call.faulty():
                    call.give([self._shown(one) for one in self.devices if one.connected])
            case _:
                call.page("not here", 404)

    def _log_in(self, call: Handler) -> None:
        right = call.form.get("user") == USER and call.form.get("pws") == PASSWORD
        if not right or self.locked:
            self.wrong_logins += 1
            call.login_page()
        else:
            call.page("", 302, Location="/", Set_Cookie=f"userid={self.new_session()}; Path=/")

    @staticmethod
    def _shown(one: Device) -> dict[str, str]:
        mac = one.mac.upper().replace(":", "-")
        return {"physAddress": mac, "ipAddress": one.address, "hostName": one.host}


@dataclass
class UbusRouter(Router):
    """OpenWrt's JSON-RPC: errors inside an answer 200, the session in the call."""

    radios: tuple[str, ...] = ("phy0-ap0", "phy1-ap0")
    may_list_radios: bool = True

    def answer(self, call: Handler) -> None:
        if call.path_only != "/ubus" or call.command != "POST":
            call.page("LuCI", 404)
            return
        asked = json.loads(call.raw)
        session, where, what, about = asked["params"]
        reply = self._reply(session, f"{where}.{what}", about)
        if where == "session" or session not in self.sessions or not call.faulty():
            call.give({"jsonrpc": "2.0", "id": asked["id"], **reply})

    def _reply(self, session: str, what: str, about: dict[str, str]) -> dict[str, Any]:
        if what == "session.login":
            if self.locked or about != {"username": USER, "password": PASSWORD}:
                self.wrong_logins += 1
                return {"result": [6]}
            return {"result": [0, {"ubus_rpc_session": self.new_session(), "timeout": 300}]}
        if session not in self.sessions:
            return {"error": {"code": -32002, "message": "Access denied"}}
        match what:
            case "iwinfo.devices" if self.may_list_radios:
                return {"result": [0, {"devices": list(self.radios)}]}
            case "iwinfo.assoclist":
                here = self.devices if about["device"] == self.radios[0] else []
                found = [{"mac": one.mac.upper(), "signal": -50, "inactive": one.quiet_ms}
                         for one in here if one.connected]  # fmt: skip
                return {"result": [0, {"results": found}]}
            case "luci-rpc.getHostHints":
                hints = {one.mac.upper(): {"ipaddrs": [one.address], "ip6addrs": [],
                                           "name": f"{one.host}.lan"}
                         for one in self.devices}  # fmt: skip
                return {"result": [0, hints]}
            case _:
                return {"result": [2]}


@dataclass
class TokenRouter(Router):
    """A form with a token, the password hashed with it, and the list as an HTML table."""

    token: str = "t0ken"  # noqa: S105 - of the test

    def answer(self, call: Handler) -> None:
        match call.command, call.path_only:
            case "GET", "/":
                call.page(f'<form><input type="hidden" name="csrf" value="{self.token}">'
                          '<input type="password" name="pw"></form>')  # fmt: skip
            case "POST", "/login":
                secret = hashlib.md5(PASSWORD.encode()).hexdigest()  # noqa: S324 - as routers do
                right = hashlib.md5(f"{self.token}:{secret}".encode()).hexdigest()  # noqa: S324
                if call.form.get("pw") == right and not self.locked:
                    call.page("welcome", Set_Cookie=f"sid={self.new_session()}; HttpOnly")
                else:
                    self.wrong_logins += 1
                    call.page("Wrong password")
            case "GET", "/clients":
                if call.cookies.get("sid") not in self.sessions:
                    call.redirect("/")
                elif not call.faulty():
                    call.page(self._table())
            case _:
                call.page("not here", 404)

    def _table(self) -> str:
        rows = "".join(
            f"<tr><td>{one.host}</td><td><b>{one.mac}</b></td><td>{one.address}</td>"
            f"<td>{'yes' if one.connected else 'no'}</td></tr>"
            for one in self.devices
        )
        return (
            "<table><tr><td>Uptime</td><td>3 d</td></tr></table><table id=clients>"
            "<tr><th>Name</th><th>MAC address</th><th>IP</th><th>Online</th></tr>"
            f"{rows}</table>"
        )


@dataclass
class KeyRouter(Router):
    """UniFi's and pfSense's way: a key in a header, paged JSON."""

    def answer(self, call: Handler) -> None:
        unifi = "/proxy/network/integration/v1/sites"
        if call.headers.get("X-API-KEY") != KEY:
            self.wrong_logins += 1
            call.give({"statusCode": 401, "statusName": "UNAUTHORIZED"}, status=401)
        elif call.path_only == unifi:
            call.give(_paged([{"id": "88f7af54", "internalReference": "default", "name": "Home"}]))
        elif call.path_only == f"{unifi}/88f7af54/clients":
            if not call.faulty():
                call.give(_paged([
                    {"type": "WIRELESS", "id": one.mac, "name": one.host, "macAddress": one.mac,
                     "ipAddress": one.address, "connectedAt": "2026-01-01T10:00:00Z"}
                    for one in self.devices if one.connected]))  # fmt: skip
        elif call.path_only == "/api/v2/diagnostics/arp_table":
            if not call.faulty():
                call.give({"code": 200, "status": "ok", "data": [
                    {"hostname": one.host, "ip_address": one.address, "mac_address": one.mac,
                     "interface": "LAN"} for one in self.devices if one.connected]})  # fmt: skip
        else:
            call.give({"statusCode": 404}, status=404)


def _paged(data: list[dict[str, str]]) -> dict[str, Any]:
    return {"offset": 0, "limit": 200, "count": len(data), "totalCount": len(data), "data": data}


@dataclass
class BasicRouter(Router):
    """OPNsense's and RouterOS's REST way: user and password with each call."""

    def answer(self, call: Handler) -> None:
        if call.basic != f"{USER}:{PASSWORD}":
            self.wrong_logins += 1
            call.give({"status": 401, "message": "Authentication Failed"}, status=401)
        elif call.path_only == "/api/diagnostics/interface/get_arp":
            if not call.faulty():
                call.give([{"mac": one.mac, "ip": one.address, "intf": "igc1",
                            "expired": not one.connected, "expires": 1200, "hostname": one.host}
                           for one in self.devices])  # fmt: skip
        elif call.path_only == "/rest/interface/wifi/registration-table":
            if not call.faulty():
                call.give([{".id": "*1", "interface": "wifi1", "mac-address": one.mac.upper()}
                           for one in self.devices if one.connected])  # fmt: skip
        elif call.path_only == "/rest/ip/dhcp-server/lease":
            call.give([{".id": "*2", "address": one.address, "mac-address": one.mac.upper(),
                        "host-name": one.host, "status": "bound"}
                       for one in self.devices])  # fmt: skip
        else:
            call.give({"error": 404, "message": "Not Found"}, status=404)


@dataclass
class XmlRouter(Router):
    """An XML list, as some routers of providers give; no login."""

    def answer(self, call: Handler) -> None:
        if not call.faulty():
            hosts = "".join(
                f'<host active="{int(one.connected)}"><mac>{one.mac}</mac><ip>{one.address}</ip>'
                f"<name>{one.host}</name></host>"
                for one in self.devices
            )
            call.give(f"<?xml version='1.0'?><lan><hosts>{hosts}</hosts></lan>", "text/xml")


@dataclass
class AsusRouter(Router):
    """ASUSWRT's web pages: errors inside an answer 200, one session at a time."""

    somebody_else: bool = False

    def answer(self, call: Handler) -> None:
        sent = unquote(call.raw.decode())
        token = call.cookies.get("asus_token")
        if call.path_only == "/login.cgi":
            login = base64.b64decode(sent.partition("=")[2]).decode()
            if self.somebody_else:
                call.give({"error_status": "9"})
            elif login != f"{USER}:{PASSWORD}" or self.locked:
                self.wrong_logins += 1
                call.give({"error_status": "7" if self.locked else "3"})
            else:
                self.forget_everybody()
                call.give({"asus_token": self.new_session()})
        elif token not in self.sessions:
            call.give({"error_status": "2"})
        elif call.path_only == "/appGet.cgi" and not call.faulty():
            clients: dict[str, Any] = {
                one.mac.upper(): {"type": "0", "name": one.host, "nickName": "", "ip": one.address,
                                  "mac": one.mac.upper(), "isOnline": str(int(one.connected))}
                for one in self.devices
            }  # fmt: skip
            extra = {"maclist": list(clients), "ClientAPILevel": "2"}
            call.give({"get_clientlist": {**clients, **extra}})
