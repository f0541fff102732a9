/**
 * The stages of a run. k6's output does not name them: a script may tag its requests with `stage` (or, through k6's
 * helper library, `stage_profile`); otherwise the VUs tell where the load rose, stood and fell.
 */
import type { K6Stage, K6Step } from './model.js';

/** Steps that a number of VUs must last to be a stage of its own; shorter, it is part of a ramp. */
const LEAST_STEPS = 3;
/** A rise to this many times what was steady before is a spike. */
const SPIKE = 2;

interface Level {
  vus: number;
  from: number;
  to: number;
}

/** Stages in order of time, as steps of the capture. */
export function stagesOf(steps: ReadonlyMap<number, K6Step>): K6Stage[] {
  const order = [...steps].sort((a, b) => a[0] - b[0]);
  const tagged = byTag(order);
  return tagged.length > 0 ? tagged : byVus(order);
}

/** Runs of steps by the tag that most of their requests carry. */
function byTag(order: readonly [number, K6Step][]): K6Stage[] {
  const stages: K6Stage[] = [];
  for (const [index, { tagged }] of order) {
    const most = [...tagged].sort((a, b) => b[1] - a[1])[0];
    if (most === undefined) continue;
    const last = stages.at(-1);
    if (last?.name === most[0]) last.to = index + 1;
    else stages.push({ name: most[0], from: index, to: index + 1 });
  }
  return stages;
}

function byVus(order: readonly [number, K6Step][]): K6Stage[] {
  const levels = levelsOf(order);
  const stages: K6Stage[] = [];
  let steady = 0;
  let i = 0;
  while (i < levels.length) {
    const level = levels[i]!;
    if (level.to - level.from >= LEAST_STEPS) {
      stages.push({ name: `steady at ${vus(level.vus)}`, from: level.from, to: level.to });
      steady = level.vus;
      i++;
      continue;
    }
    let end = i;
    while (end < levels.length && levels[end]!.to - levels[end]!.from < LEAST_STEPS) end++;
    const target = levels[end] ?? levels[end - 1]!;
    const peak = levels.slice(i, end).reduce((most, one) => Math.max(most, one.vus), target.vus);
    const rises = target.vus > level.vus || target.vus > steady;
    if (steady > 0 && peak >= SPIKE * steady) {
      // The rise and what it leads to are one spike.
      const through = target.vus === peak && end < levels.length ? end + 1 : end;
      stages.push({ name: `spike to ${vus(peak)}`, from: level.from, to: levels[through - 1]!.to });
      steady = peak;
      i = through;
      continue;
    }
    const name = `ramp ${rises ? 'up' : 'down'} to ${vus(target.vus)}`;
    stages.push({ name, from: level.from, to: levels[end - 1]!.to });
    i = end;
  }
  return stages;
}

/** Runs of steps with the same number of VUs. */
function levelsOf(order: readonly [number, K6Step][]): Level[] {
  const levels: Level[] = [];
  for (const [index, step] of order) {
    const last = levels.at(-1);
    const now = step.vus ?? last?.vus ?? null;
    if (now === null) continue;
    if (last?.vus === now) last.to = index + 1;
    else {
      if (last !== undefined) last.to = index;
      levels.push({ vus: now, from: index, to: index + 1 });
    }
  }
  return levels;
}

function vus(n: number): string {
  return `${n} ${n === 1 ? 'VU' : 'VUs'}`;
}
