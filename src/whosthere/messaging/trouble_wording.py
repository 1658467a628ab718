"""The system's own troubles in words: a title of a few words, and what more there is to say."""

from whosthere.core.model import Alert, AlertKind, News

KINDS = frozenset({
    AlertKind.TROUBLE,
    AlertKind.WELL_AGAIN,
    AlertKind.TAMPERED,
    AlertKind.UNTAMPERED,
    AlertKind.OUTAGE,
})  # fmt: skip


def told(alert: Alert, lasted: str) -> tuple[str, str]:
    """Say one of these kinds; `lasted` is how long it took, if it is over."""
    lines = alert.detail.splitlines()
    match alert.kind:
        case AlertKind.TAMPERED if alert.news is News.PICTURE:
            return f"Picture of camera {alert.camera}", ""
        case AlertKind.TAMPERED:
            return f"Camera {alert.camera} is {alert.detail}", ""
        case AlertKind.UNTAMPERED:
            return f"Camera {alert.camera} sees as before", alert.detail
        case AlertKind.OUTAGE:
            return _of_outage(lines)
        case AlertKind.WELL_AGAIN:
            after = f" after {lasted}" if lasted else ""
            return f"Well again{after}: {'; '.join(lines)}", ""
        case _:
            return _of_parts(alert.news, lines)


def _of_outage(lines: list[str]) -> tuple[str, str]:
    """Where there is one line to say, it is the title."""
    if len(lines) != 1:
        return "Cameras saw nothing for a while", "; ".join(lines)
    when, _, why = lines[0].partition(": ")
    return f"{when[:1].upper()}{when[1:]}", why


def _of_parts(news: News, lines: list[str]) -> tuple[str, str]:
    names = ", ".join(line.partition(":")[0] for line in lines)
    match news:
        case News.MORE:
            return f"More trouble: {names}", "; ".join(lines)
        case News.LESS:
            return f"Less trouble: {names} left", "; ".join(lines)
        case News.STILL:
            return f"Still in trouble: {names}", "; ".join(lines)
        case _:
            return f"Trouble with {names}", "; ".join(lines)
