/** What this machine can record, what it lacks, and the step that mends it. */
import { DhrishtiError } from '../base/errors.js';
import { engineSocket } from './engine.js';
import { basicNeeds, probeFeatures, type Need } from './features.js';
import { privations } from './privilege.js';
import { planProbes } from './probes.js';

export interface DoctorReport {
  canRecord: boolean;
  rows: Need[];
}

/** One row a capability of the plan, or the reason why there is no plan. */
function planRows(): Need[] {
  try {
    return planProbes(probeFeatures()).rows.map((row) => ({
      name: row.capability,
      ok: row.hook !== 'none',
      detail: row.note === undefined ? row.hook : `${row.hook}: ${row.note}`,
    }));
  } catch (error) {
    if (!(error instanceof DhrishtiError)) throw error;
    return [{ name: 'probes', ok: false, detail: error.message, fix: error.hint }];
  }
}

/** Asks the machine and changes nothing; what it loads into the kernel to ask is gone when it returns. */
export function doctor(): DoctorReport {
  const rows = basicNeeds();
  let canRecord = rows.every((row) => row.ok);
  if (canRecord) {
    const plan = planRows();
    canRecord = !plan.some((row) => row.name === 'probes' && !row.ok);
    rows.push(...plan);
  }
  for (const { capability, sentence } of privations()) {
    rows.push({ name: capability, ok: false, detail: `without it ${sentence}` });
  }
  const engine = engineSocket();
  rows.push({
    name: 'containers',
    ok: engine !== undefined,
    detail: engine ?? 'no container engine listens: services are named by process',
  });
  return { canRecord, rows };
}
