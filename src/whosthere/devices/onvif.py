"""Cameras that turn themselves, by ONVIF (PTZ service, version 2.x).

Positions are numbers without a unit, mostly -1 to 1, and mean the limits that people set; where
the camera speaks of degrees, these are used. A camera that cannot be sent to a position is turned
for as long as the way should take (ContinuousMove, then Stop), so where it looks is an estimate.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Coroutine
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from whosthere.core.pan_tilt import PanTiltTrouble, Position
from whosthere.devices.onvif_space import Space, position_space
from whosthere.devices.pan_tilt_settings import OnvifPanTilt
from whosthere.named_secrets import secret_of, variable

if TYPE_CHECKING:
    from collections.abc import Iterator

GLANCES = 0.2  # seconds between looks whether it is there
LONGEST_TURN = 30.0  # seconds
CLOSE = 1.0  # degrees from where it was sent: it is there
SHOWING = 2.0  # seconds within which a camera has begun to move, if it does at all

_Answer = TypeVar("_Answer")


def make(camera: str, asked: OnvifPanTilt, wait: Callable[[float], object]) -> "Onvif":
    return Onvif(camera, asked, wait)


@dataclass(frozen=True, slots=True)
class _Session:
    """What is known of a camera once it has answered."""

    camera: Any
    ptz: Any
    profile: str
    space: Space | None  # of positions; none: it can only be told to move on


class Onvif:
    """Fulfils `ports.PanTilt`. Each call asks the camera; sessions are kept between calls."""

    def __init__(
        self,
        camera: str,
        asked: OnvifPanTilt,
        wait: Callable[[float], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._camera = camera
        self._asked = asked
        self._wait = wait
        self._clock = clock
        self._runner: asyncio.Runner | None = None
        self._session: _Session | None = None
        self._estimate = Position(0.0, 0.0)  # of a camera that cannot say where it looks

    def turn(self, to: Position) -> None:
        space = self._known().space
        if space is None:
            self._turn_by_time(to)
            return
        vector = {"PanTilt": {**space.numbers(to), "space": space.uri}}
        self._do("AbsoluteMove", {"Position": vector})
        self._until_there(to)

    def turn_to_preset(self, name: str) -> None:
        """Turn to a preset that is stored in the camera, by its name or token."""
        found = self._do("GetPresets", {}) or []
        named = {one.Name: one.token for one in found} | {one.token: one.token for one in found}
        if name not in named:
            there = ", ".join(str(one.Name or one.token) for one in found) or "none"
            raise PanTiltTrouble(
                f"Camera '{self._camera}' has no preset '{name}' of its own. It has {there}."
            )
        self._do("GotoPreset", {"PresetToken": named[name]})
        self._until_there(None)

    def position(self) -> Position:
        space = self._known().space
        if space is None:
            return self._estimate
        status = self._do("GetStatus", {})
        return _position_in(status, space) or self._estimate

    def rest(self) -> None:
        """The camera does that itself."""

    def close(self) -> None:
        self._forget()
        if self._runner is not None:
            self._runner.close()
            self._runner = None

    def _forget(self) -> None:
        if self._runner is not None and self._session is not None:
            self._runner.run(self._session.camera.close())
        self._session = None

    def _turn_by_time(self, to: Position) -> None:
        begin, asked = self._estimate, self._asked
        way = Position(to.pan - begin.pan, to.tilt - begin.tilt)
        seconds = way.away(Position(0.0, 0.0)) / asked.speed
        if not seconds:
            return
        most = seconds * asked.speed
        pan, tilt = way.pan / most, way.tilt / most
        velocity = {
            "x": -pan if asked.pan_inverted else pan,
            "y": -tilt if asked.tilt_inverted else tilt,
        }
        self._do("ContinuousMove", {"Velocity": {"PanTilt": velocity}})
        try:
            self._wait(seconds)
        finally:
            self._do("Stop", {"PanTilt": True, "Zoom": False})
        self._estimate = to

    def _until_there(self, to: Position | None) -> None:
        """Wait until the camera says that it rests, or it is where it should be."""
        session, began = self._known(), self._clock()
        before: Position | None = None
        while (passed := self._clock() - began) < LONGEST_TURN:
            status = self._do("GetStatus", {})
            at = _position_in(status, session.space) if session.space else None
            state = _state_of(status)
            arrived = to is not None and at is not None and at.away(to) <= CLOSE
            rests = state == "IDLE" or (state is None and at is not None and at == before)
            if rests and (arrived or passed > SHOWING or to is None):
                self._estimate = at or to or self._estimate
                if to is not None and at is not None and not arrived:
                    raise PanTiltTrouble(
                        f"Camera '{self._camera}' stopped at {at} and not at {to}."
                        " See whether something is in its way, or set narrower limits."
                    )
                return
            if at is None and state is None:  # it tells nothing at all
                self._wait(self._seconds_to(to))
                self._estimate = to or self._estimate
                return
            before = at
            self._wait(GLANCES)
        raise PanTiltTrouble(
            f"Camera '{self._camera}' has not come to rest within {LONGEST_TURN:.0f} s."
        )

    def _seconds_to(self, to: Position | None) -> float:
        limits = self._asked.limits
        farthest = max(limits.most_pan - limits.least_pan, limits.most_tilt - limits.least_tilt)
        return (to.away(self._estimate) if to else farthest) / self._asked.speed

    def _do(self, operation: str, about: dict[str, Any]) -> Any:  # noqa: ANN401 - as the WSDL says
        session = self._known()

        async def ask() -> Any:  # noqa: ANN401 - as the WSDL says
            return await getattr(session.ptz, operation)({"ProfileToken": session.profile, **about})

        return self._answer(ask())

    def _known(self) -> _Session:
        if self._session is None:
            self._session = self._answer(self._log_in())
        return self._session

    async def _log_in(self) -> _Session:
        asked = self._asked
        with _own_logging():
            try:
                from onvif import ONVIFCamera  # noqa: PLC0415 - needs an extra
            except ImportError:
                raise PanTiltTrouble(
                    f"Camera '{self._camera}' cannot be turned: a library is missing."
                    " Install it with: pip install 'whosthere[onvif]'"
                ) from None
        camera = ONVIFCamera(
            asked.host,
            asked.port,
            asked.user,
            secret_of(self._camera, asked.password_file, self._unusable),
            no_cache=True,
            adjust_time=True,  # cameras' clocks are wrong, and the digest holds the time
        )
        try:
            return await self._session_of(camera)
        except BaseException:
            await camera.close()
            raise

    async def _session_of(self, camera: Any) -> _Session:  # noqa: ANN401 - the library has no types
        await camera.update_xaddrs()
        media = await camera.create_media_service()
        profiles = [one for one in await media.GetProfiles() if one.PTZConfiguration]
        if not profiles:
            raise PanTiltTrouble(
                f"Camera '{self._camera}' answers, but says that it cannot be turned."
            )
        ptz = await camera.create_ptz_service()
        profile = profiles[0]
        node = await ptz.GetNode({"NodeToken": profile.PTZConfiguration.NodeToken})
        asked = self._asked
        inverted = asked.pan_inverted, asked.tilt_inverted
        space = position_space(node, asked.limits, inverted)
        return _Session(camera, ptz, profile.token, space)

    def _answer(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        """Run what asks the camera, and say in plain words what went wrong."""
        if self._runner is None:
            self._runner = asyncio.Runner()

        async def in_time() -> _Answer:
            async with asyncio.timeout(self._asked.timeout_seconds):
                return await work

        try:
            return self._runner.run(in_time())
        except TimeoutError:
            why = f"has not answered within {self._asked.timeout_seconds:g} s"
            raise self._trouble(f"{why}. See whether it is on, and the port is right.") from None
        except PanTiltTrouble:
            raise
        except self._errors() as error:
            raise self._trouble(self._in_words(error)) from error

    def _trouble(self, why: str) -> PanTiltTrouble:
        place = f"{self._asked.host}:{self._asked.port}"
        self._forget()  # the next call begins anew
        return PanTiltTrouble(f"Camera '{self._camera}' cannot be turned: {place} {why}")

    def _unusable(self, why: str) -> PanTiltTrouble:
        return PanTiltTrouble(f"Camera '{self._camera}' cannot be turned: {why}")

    @staticmethod
    def _errors() -> tuple[type[Exception], ...]:
        """All that the library lets through. What is not an answer can break any part of it."""
        import aiohttp  # noqa: PLC0415 - comes with the extra
        import onvif.exceptions  # noqa: PLC0415 - comes with the extra
        import zeep.exceptions  # noqa: PLC0415 - comes with the extra

        return (
            onvif.exceptions.ONVIFError, zeep.exceptions.Error, aiohttp.ClientError, OSError,
            AttributeError, KeyError, TypeError, ValueError,
        )  # fmt: skip

    def _in_words(self, error: Exception) -> str:
        import zeep.exceptions  # noqa: PLC0415 - comes with the extra

        if _is_refusal(error):
            return (
                "refuses the user or password. Set 'user', and the password in a password_file or"
                f" {variable(self._camera)}."
            )
        if isinstance(error, zeep.exceptions.Fault):
            return f"refuses: {str(error.message)[:200]}"
        if isinstance(error, OSError):
            why = os.strerror(error.errno) if error.errno else type(error).__name__
            return f"is not there ({why}). See host and port."
        return "answers, but not as ONVIF says. See whether ONVIF is on, and the port is right."


def _is_refusal(error: Exception) -> bool:
    said = f"{getattr(error, 'subcodes', '')} {getattr(error, 'message', '')} {error}".lower()
    words = ("notauthorized", "not authorized", "unauthorized", "failedauthentication", "401")
    return any(word in said for word in words) or getattr(error, "status_code", None) == 401  # noqa: PLR2004 - HTTP


def _state_of(status: Any) -> str | None:  # noqa: ANN401 - as the WSDL says
    moves = getattr(status, "MoveStatus", None)
    state = getattr(moves, "PanTilt", None)
    return state if state in {"IDLE", "MOVING"} else None


def _position_in(status: Any, space: Space) -> Position | None:  # noqa: ANN401 - as the WSDL says
    both = getattr(getattr(status, "Position", None), "PanTilt", None)
    if both is None or both.x is None or both.y is None:
        return None
    return space.position(float(both.x), float(both.y))


@contextmanager
def _own_logging() -> "Iterator[None]":
    """Importing the library sets up logging of its own; undo that."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.getLogger("onvif").setLevel(logging.WARNING)
