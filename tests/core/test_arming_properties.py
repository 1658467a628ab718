"""Whatever happens, in whatever order: arming breaks none of its promises."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.core.household_world import LEAVE, OWNERS, World
from whosthere.core.modes import Mode

people = st.sampled_from(["Ann", "Bob", "Gus"])
spans = st.sampled_from([None, None, 0.02, 1.0, 9.0])  # hours


class Household(RuleBasedStateMachine):
    """A family, a guest, a thief, bad routers, and a clock that jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    def teardown(self) -> None:
        self.world.store.close()

    @rule(seconds=st.sampled_from([2.0, 16.0, 70.0, 130.0, 400.0, 400.0, 900.0]))
    def time_passes(self, seconds):
        self.world.pass_time(seconds)

    @rule(hours=st.sampled_from([3, 7]))
    def much_time_passes(self, hours):
        self.world.pass_time(hours * 600.0)
        self.world.jump((hours - hours / 6) * 3600.0)

    @rule(at=st.sampled_from([(20, 59, 50), (5, 29, 50), (4, 29, 50)]))
    def it_is_nearly_a_point(self, at):
        self.nearly(at)

    def nearly(self, at):
        now = self.world.at
        ahead = now.replace(hour=at[0], minute=at[1], second=at[2]) - now
        self.world.jump(ahead.total_seconds() % 86400)
        self.world.pass_time(4.0)
        self.world.pass_time(16.0)

    @rule(who=people)
    def somebody_comes(self, who):
        self.world.home.add(who)

    @rule(who=people)
    def somebody_leaves(self, who):
        self.world.home.discard(who)

    @rule()
    def everybody_leaves_for_long(self):
        self.world.home.clear()
        self.world.pass_time(400.0)

    @rule()
    def all_is_well_and_everybody_leaves(self):
        self.world.mend()
        self.world.home |= {"Ann", "Bob"}
        self.world.say(Mode.OFF, None)
        self.world.pass_time(16.0)
        self.world.home.clear()
        self.world.pass_time(420.0)

    @rule()
    def all_is_well_and_they_go_to_bed(self):
        self.world.mend()
        self.world.home |= {"Ann"}
        self.world.say(Mode.OFF, None)
        self.nearly((20, 59, 50))

    @rule()
    def a_guest_comes(self):
        self.world.home.add("Gus")
        self.world.pass_time(30.0)

    @rule(
        camera=st.sampled_from(["front", "hall"]),
        pause=st.sampled_from([0.0, 3.0, 40.0, 700.0]),
    )
    def somebody_is_seen_and_it_starts_anew(self, camera, pause):
        self.world.visit(camera)
        self.world.restart(pause, 50.0)
        self.world.pass_time(40.0)

    @rule()
    def somebody_is_seen_twice_at_the_door(self):
        self.world.visit("front")
        self.world.pass_time(8.0)
        self.world.visit("front")
        self.world.pass_time(40.0)

    @rule(device=st.sampled_from(sorted(OWNERS)))
    def a_phone_sleeps(self, device):
        self.world.asleep ^= {device}

    @rule(source=st.sampled_from(sorted(LEAVE)), how=st.sampled_from(["works", "fails", "silent"]))
    def a_source_changes(self, source, how):
        self.world.source[source] = how

    @rule(camera=st.sampled_from(["front", "hall"]))
    def somebody_is_seen(self, camera):
        self.world.visit(camera)

    @rule(mode=st.sampled_from(Mode), hours=spans)
    def a_person_sets_a_mode(self, mode, hours):
        self.world.say(mode, hours)

    @rule(hours=spans)
    def a_person_wants_it_off(self, hours):
        self.world.stay_off(hours)

    @rule()
    def a_person_wants_it_armed_now(self):
        self.world.arm_now()

    @rule(on=st.booleans())
    def a_person_turns_presence(self, on):
        self.world.auto_detect(on=on)

    @rule(seconds=st.sampled_from([-90000.0, -4000.0, -600.0, -30.0, 30.0, 600.0, 40000.0]))
    def the_wall_clock_jumps(self, seconds):
        self.world.jump(seconds)

    @rule(
        pause=st.sampled_from([0.0, 3.0, 40.0, 700.0, 30000.0]),
        clock=st.sampled_from([0.0, 50.0, 1e6]),
    )
    def it_starts_anew(self, pause, clock):
        self.world.restart(pause, clock)

    @invariant()
    def nothing_waits_beyond_its_time(self):
        for camera in self.world.waiting:
            assert self.world.house.camera(camera).pending is not None


def lived(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Household,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


def test_arming_keeps_its_promises():
    lived(examples=60, steps=25)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_arming_keeps_its_promises_for_long():
    lived(examples=250, steps=60)
