"""What we tell people when something is wrong: what, where, and what to do."""


class WhosThereError(Exception):
    """A problem that the person running this can put right. Shown without a traceback."""


class BadSettings(WhosThereError):
    """The settings cannot be used as they are."""


class CameraTrouble(WhosThereError):
    """A camera gives no usable pictures."""


class PresenceTrouble(WhosThereError):
    """A presence source cannot look, so it knows nothing; that is not the same as nobody seen."""


class StoreTrouble(WhosThereError):
    """The database or the data folder cannot be used."""


class DeliveryTrouble(WhosThereError):
    """A messenger could not hand over an alert; unless permanent, it may be tried again."""

    def __init__(
        self, told: str, *, permanent: bool = False, wait_seconds: float | None = None
    ) -> None:
        super().__init__(told)
        self.permanent = permanent
        self.wait_seconds = wait_seconds  # before the next attempt, if the other side said so


class ArchiveTrouble(WhosThereError):
    """The archive did not take or give a copy; it may do so later."""

    def __init__(self, told: str, *, wait_seconds: float | None = None) -> None:
        super().__init__(told)
        self.wait_seconds = wait_seconds  # before the next attempt, if the other side said so


class DeviceTrouble(WhosThereError):
    """A light, a siren or a motion sensor does not do what it should."""
