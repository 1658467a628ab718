"""Finds what moves by comparing each frame with what the scene usually looks like."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from whosthere.core.model import Frame, Motion, Scene, rounded_share
from whosthere.vision.blobs import Blob, Mask, Nature, blobs_of, grouped, nature, same_structure
from whosthere.vision.masks import Areas
from whosthere.vision.light import relit
from whosthere.vision.small import Plane, shrunk, small_size


import os, json

PR = dict(wr=0.0, wo=1.0, rt=0.5, s0=0.0, s1=2.0, t0=0.8, tg=2.5, k=5)
PR.update(json.loads(os.environ.get("PR", "{}")))
_K = np.ones((PR["k"], PR["k"]), np.uint8)


class Stages(NamedTuple):
    picture: Plane
    background: Plane
    changed: Mask
    motion: Motion


class BackgroundMotion:
    def __init__(
        self,
        *,
        areas: Areas | None = None,
        least_contrast: float = 8.0,
        least_area: float = 0.0005,
        most_boxes: int = 6,
        learning_seconds: float = 0.3,
        background_seconds: float = 4.0,
        absorb_seconds: float = 35.0,
        restart_seconds: float = 60.0,
    ) -> None:
        self._areas = areas or Areas()
        self._least_contrast = least_contrast
        self._least_area = least_area
        self._most_boxes = most_boxes
        self._learning_seconds = learning_seconds
        self._background_seconds = background_seconds
        self._absorb_seconds = absorb_seconds
        self._restart_seconds = restart_seconds
        self._shape: tuple[int, int] | None = None
        self._size = (1, 1)
        self._clock = 0.0
        self.debug: dict = {}

    def _differ(self, x: Plane, b: Plane) -> Plane:
        plain = cv2.absdiff(x, b)
        strict = cv2.max(cv2.max(x - cv2.dilate(b, _K), cv2.erode(b, _K) - x), 0)
        return plain + self._r1 * (strict - plain)

    def _start(self, frame: Frame, x: Plane) -> Motion:
        self._b = x.copy()
        self._prev = x.copy()
        self._noise = np.full_like(x, 2.0)
        self._still = np.zeros_like(x)
        self._age = 0.0
        self._toggles = np.zeros_like(x)
        self._sway = np.zeros_like(x)
        self._way = np.zeros(x.shape, np.int8)
        self._on = np.zeros(x.shape, np.uint8)
        self._calm = self._odd = 0.0
        self._known = np.zeros(x.shape, np.uint8)
        self._suspect = np.zeros(x.shape, np.float32)
        self._began = frame.clock
        self._blank_since = None
        self._light_until = -1.0
        self._changed = np.zeros(x.shape, np.uint8)
        return Motion(Scene.LEARNING, brightness=round(float(x.mean()), 1))

    def __call__(self, frame: Frame) -> Motion:
        luma = frame.luma
        shape = luma.shape
        if shape != self._shape:
            self._shape = shape
            self._size = small_size(shape)
            self._clock = frame.clock
            return self._start(frame, shrunk(luma, self._size))
        x = shrunk(luma, self._size)
        dt = frame.clock - self._clock
        self._clock = frame.clock
        if dt > self._restart_seconds or dt < -1:
            return self._start(frame, x)
        dt = min(max(dt, 0.01), 1.0)
        self._age += dt
        h, w = x.shape
        total = h * w
        (mean,), (std,) = (v[0] for v in cv2.meanStdDev(x))
        brightness = round(float(mean), 1)
        # blank
        if std < 3 and (mean > 225 or mean < 20):
            if self._blank_since is None:
                self._blank_since = frame.clock
            if frame.clock - self._blank_since < 3:
                self._light_until = frame.clock + 1
                self._prev = x.copy()
                self._known[:] = 0
                return Motion(Scene.LIGHT_CHANGE, brightness=brightness, changed=1.0)
        else:
            self._blank_since = None
        b = self._b
        scene = Scene.STEADY
        T0 = self._least_contrast + 3 * self._noise
        d = cv2.absdiff(x, b)
        on = cv2.compare(d, T0, cv2.CMP_GT)
        density = cv2.blur(self._toggles, (9, 9))
        self._r1 = np.clip((density - PR["s0"]) * PR["s1"], 0, 1)
        restless = np.clip((density - PR["t0"]) / 1.5, 0, 1)
        T = T0 + PR["tg"] * restless * self._sway
        d = self._differ(x, b)
        fg = cv2.compare(d, T, cv2.CMP_GT)
        changed = cv2.countNonZero(fg) / total
        self.debug = {"changed0": changed}
        step = x - self._prev
        jump = np.abs(step)
        cv2.accumulateWeighted(x, self._prev, 1 - math.exp(-dt / 0.25))
        ref = b
        if changed > 0.2:
            lit = relit(b, x, (self._known == 0).astype(np.float32))
            d2 = self._differ(x, lit)
            fg2 = cv2.compare(d2, T, cv2.CMP_GT)
            left = cv2.countNonZero(fg2) / total
            alike = same_structure(x, lit, fg & ~fg2)
            self.debug.update(left=left, alike=alike)
            if left < 0.5 * changed and alike > 0.6:
                scene = Scene.LIGHT_CHANGE
                self._light_until = frame.clock + 0.6
                calm = float(jump.mean()) < 2.0
                self._calm = self._calm + dt if calm else 0.0
                ref = lit
                if self._calm > 0.8:
                    self._b = b = ref = lit
                    self._calm = 0.0
                d, fg, changed = d2, fg2, left
                self._odd = 0.0
            elif changed > 0.7:
                self._odd += dt
                self._light_until = frame.clock + 1.0
                if self._odd > 0.5:
                    self._b = b = x.copy()
                    self._still[:] = 0
                    self._known = np.zeros_like(fg)
                    self._odd = 0.0
                    ref = b
                self._changed = fg
                return Motion(
                    Scene.LIGHT_CHANGE, brightness=brightness, changed=rounded_share(changed)
                )
            else:
                self._odd = 0.0
        if frame.clock < self._light_until:
            scene = Scene.LIGHT_CHANGE
        if scene is not Scene.LIGHT_CHANGE:
            tau = min(6.0, max(self._age, 2 * dt))
            cv2.accumulateWeighted(cv2.min(jump, 10.0), self._noise, 1 - math.exp(-dt / tau))
            cv2.accumulateWeighted(cv2.min(jump, 40.0), self._sway, 1 - math.exp(-dt / 8))
            self._toggles *= math.exp(-dt / 10)
            way = np.where(
                step > 0.5 * T0, np.int8(1), np.where(step < -0.5 * T0, np.int8(-1), np.int8(0))
            )
            self._toggles += 0.6 * (way * self._way < 0) + ((on & ~self._on) > 0)
            self._on = on
            self._way = np.where(way != 0, way, self._way)
        least = max(4, math.ceil(self._least_area * total))
        blobs, labels, joined = blobs_of(fg, least)
        self.blobs, self._lab, self._bb = blobs, labels, ref.copy()
        things = []
        quick = 1 - math.exp(-dt / 0.4)
        self.kinds = []
        still = (joined > 0) & (jump < 5 + 2 * self._noise)
        light = scene is Scene.LIGHT_CHANGE
        if not light:
            self._known = joined
        else:
            self._suspect[(joined > 0) & (self._known == 0)] = 5
        self._suspect -= dt
        self._suspect[joined == 0] = 0
        for blob in blobs[:10]:
            kind = nature(blob, labels, x, ref)
            part = blob.around(x.shape)
            inside = labels[part] == blob.label
            if kind is Nature.THING and (
                (self._suspect[part][inside] > 0).mean() > 0.6
                and (self._still[part][inside] > 0.5).mean() > 0.6
            ):
                kind = Nature.LIGHT
            fresh = dt < 0.6 and self._age > 1 and not self._changed[part][inside].any()
            if fresh:
                self._suspect[part][inside] = 5
            if (
                kind is Nature.THING
                and blob.pixels < 0.01 * total
                and dt < 0.6
                and self._changed[part][inside].mean() < 0.2 * 255
            ):
                kind = "fleeting"
                continue
            if kind is Nature.GHOST and still[part][inside].mean() < 0.8:
                kind = Nature.THING
            self.kinds.append(kind)
            if kind is Nature.THING:
                things.append(blob)
            elif ref is b:
                where = inside
                b[part][where] += quick * (x[part] - b[part])[where]
        # learning
        quiet = cv2.bitwise_not(joined) if ref is b else np.zeros_like(joined)
        tau = min(self._background_seconds, max(self._age, dt))
        cv2.accumulateWeighted(x, b, 1 - math.exp(-dt / tau), quiet)
        if ref is b:
            slow = cv2.compare(density, 0.8, cv2.CMP_GT) & joined
            pass
        self._still = np.where(still, self._still + dt, np.where(joined > 0, self._still * 0.8, 0))
        done = self._still > self._absorb_seconds
        if done.any():
            b[done] = x[done]
            self._still[done] = 0
        blobs = things
        self._changed = joined
        groups = grouped(blobs, max(2, round(0.02 * w)))
        if self._age < self._learning_seconds:
            scene = Scene.LEARNING
        self._x, self._ref = x, ref
        self.groups = groups
        return Motion(
            scene,
            rounded_share(groups[0].pixels / total) if groups else 0.0,
            tuple(g.box(w, h) for g in groups[: self._most_boxes]),
            rounded_share(changed),
            round(float(self._noise.mean()), 2),
            brightness,
        )
