"""Alerts about the house itself: one for each matter, with later news as its revisions."""

from dataclasses import replace
from datetime import datetime

from whosthere.core.messages import Action, Notify
from whosthere.core.model import Alert, AlertKind, House, News, named_moment
from whosthere.core.modes import Mode


def notice(
    kind: AlertKind,
    at: datetime,
    mode: Mode,
    detail: str,
    *,
    name: str = "",
    due: datetime | None = None,
) -> Alert:
    """The first revision."""
    return Alert(
        id=f"{named_moment(at, 'house')}-{name or kind.replace(' ', '-')}",
        revision=1,
        news=News.FIRST,
        kind=kind,
        camera="",
        at=at,
        mode=mode,
        detail=detail,
        due=due,
    )


def opened(house: House, name: str, alert: Alert) -> tuple[House, list[Action]]:
    """Tell something of which there will be news."""
    notices = {**house.notices, name: alert}
    return replace(house, notices=notices), [Notify(alert)]


def closed(house: House, name: str, news: Alert) -> tuple[House, list[Action]]:
    """Tell the last news of it."""
    notices = {key: alert for key, alert in house.notices.items() if key != name}
    return replace(house, notices=notices), [Notify(news)]


def later(alert: Alert, at: datetime, news: News, detail: str) -> Alert:
    """The next revision."""
    return replace(alert, revision=alert.revision + 1, news=news, at=at, detail=detail, due=None)
