"""What the house is set to, and why."""

from dataclasses import replace

from whosthere.core.messages import Action, Remember, SetMode
from whosthere.core.model import ArmState, House


def on_set_mode(house: House, message: SetMode) -> tuple[House, list[Action]]:
    """Do as a person says."""
    state = ArmState(message.mode, message.at, f"{message.by} asked", by_hand=True)
    return replace(house, arm_state=state), [Remember(state)]
