"""What a camera usually looks at, and how a new picture differs from it, place by place."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from whosthere.vision.views import ACROSS, DOWN, Edges, Places, View, calmest

LEAST_PLACES = 8  # with edges, to judge by
EDGES = 0.15  # power of gradients that is enough to go by
_CLEAR, _FLAT = 3.0, 0.02  # of clear edges; next to nothing
_UNLIKE = 0.6  # of its usual agreement, below which a place shows something else
_FAINT_UNLIKE = 0.3  # the same for faint edges, of which a video encoder keeps a part
_RELIABLE = 0.65  # places that usually agree less than this say nothing
_ABOVE_NOISE, _IN_NOISE, _WELL_ABOVE = 4.0, 2.0, 6.0  # times the power of noise
_MOST_NOISE = 4.0  # power; more is not noise
_FLATTER = 0.1  # share of the power that the light lets expect
_BLACK = 8.0  # grey levels without any light
_STEADY = 0.6  # agreement of one picture with the next, to learn from them
_SAME_LIGHT = 0.1  # share by which brightness may differ then
_SHAKEN = 0.5, 8.0  # pixels between which a camera moves in the wind
_SURELY = 0.6  # height of the peak of correlation


class Likeness(NamedTuple):
    """How a picture differs from the usual view."""

    judged: int  # places that can be judged
    dim: int  # of these, in too little light to show anything now
    lost: float  # share of the others that show something else
    flat: float  # share of these that show nothing
    agreement: Places


@dataclass(slots=True)
class UsualView:
    """Begins with one picture and follows those that are given to it."""

    view: View
    edges: Edges
    agreement: Places  # that each place usually has with it
    noise: float = 0.0  # power of gradients

    @classmethod
    def beginning(cls, view: View) -> "UsualView":
        everywhere = np.ones((DOWN, ACROSS), np.float32)
        return cls(view.copy(), Edges.of(view.detail), everywhere)

    def learn(self, view: View, noise: float, weight: float) -> None:
        self.view.follow(view, weight)
        self.edges = Edges.of(self.view.detail)
        self.noise += (noise - self.noise) * weight

    def follow(self, view: View, agreement: Places, noise: float, weight: float) -> None:
        cv2.accumulateWeighted(agreement, self.agreement, weight)
        self.learn(view, noise, weight)

    def compare(self, view: View, edges: Edges, restless: Places) -> Likeness:
        """`restless` is what noise and moving things add to the power of these edges."""
        agreement = edges.agreement(self.edges, restless)
        noise, usual = min(calmest(restless), _MOST_NOISE), self.edges.power
        enough = max(EDGES, _ABOVE_NOISE * self.noise)
        judged = (usual >= enough) & (self.agreement >= _RELIABLE)
        # light makes edges fainter as much as it makes the place darker; a cover does more
        expected = usual * self._light_in(view) ** 2
        faint = edges.power < max(_FLAT, _IN_NOISE * noise)
        dim = judged & faint & (expected < max(2 * _FLAT, _WELL_ABOVE * noise))
        seen = judged & ~dim
        unlike = np.where(usual >= _CLEAR, _UNLIKE, _FAINT_UNLIKE) * self.agreement
        lost = seen & (agreement < unlike)
        flat = lost & (faint | (edges.power < _FLATTER * expected))
        number = max(1, int(seen.sum()))
        return Likeness(
            int(judged.sum()),
            int(dim.sum()),
            float(lost.sum()) / number,
            float(flat.sum()) / number,
            agreement,
        )

    def _light_in(self, view: View) -> Places:
        now, usual = np.maximum(view.level - _BLACK, 0), np.maximum(self.view.level - _BLACK, 1)
        return np.asarray(np.minimum(now / usual, 1), np.float32)

    def is_shaken(self, view: View) -> bool:
        """Whether the picture as a whole is not where it used to be, as in the wind.

        By phase correlation (Kuglin and Hines, 1975).
        """
        (right, down), peak = cv2.phaseCorrelate(self.view.detail, view.detail)
        least, most = _SHAKEN
        return peak >= _SURELY and least < max(abs(right), abs(down)) < most


def can_be_learnt(view: View, before: View, restless: Places) -> bool:
    """Whether two pictures show the same in the same light, as those of a usual view do."""
    lit = np.abs(view.level - before.level) / np.maximum(before.level, 10)
    if float(np.median(lit)) > _SAME_LIGHT:
        return False
    was = Edges.of(before.detail)
    there = was.power >= max(EDGES, _ABOVE_NOISE * calmest(restless))
    if int(there.sum()) < LEAST_PLACES:
        return True
    agreement = Edges.of(view.detail).agreement(was, restless)
    return float(np.median(agreement[there])) >= _STEADY
