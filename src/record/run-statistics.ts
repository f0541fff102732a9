/**
 * The kernel's run statistics of BPF programs, switched on for one second in ten. Reading the clock twice for
 * each run costs a quarter of what the probes themselves take: a recording that measures itself all the
 * time is dearer than it needs to be.
 */
import { closeSync } from 'node:fs';
import { enableRunStatistics } from './libbpf.js';

/** Of so many seconds, one is measured: the second one, so that short recordings have a measure too. */
const PERIOD_S = 10;
const MEASURED_S = 1;

/**
 * What /proc/PID/fdinfo says of a BPF program; a line that an old kernel does not write counts 0. `skipped`: runs that
 * were left out since the start, whether statistics are on or not, because an interrupt came into the same program on
 * the same CPU (`recursion_misses`, kernel/trace/bpf_trace.c and kernel/bpf/trampoline.c).
 */
export function programRuns(fdinfo: string): { runs: number; ns: number; skipped: number } {
  const field = (key: string): number =>
    Number(new RegExp(`^${key}:\\s*(\\d+)`, 'm').exec(fdinfo)?.[1] ?? 0);
  return {
    runs: field('run_cnt'),
    ns: field('run_time_ns'),
    skipped: field('recursion_misses'),
  };
}

export class RunStatistics {
  /** File descriptor that keeps them on; -1 while they are off or where the kernel refuses. */
  #fd = -1;
  #seconds = 0;
  #since = 0n;
  #measured = 0n;

  /** Time for which runs were counted so far, nanoseconds. */
  get measuredNs(): number {
    const current = this.#fd < 0 ? 0n : process.hrtime.bigint() - this.#since;
    return Number(this.#measured + current);
  }

  /** Another second has passed: switches on or off. */
  second(): void {
    this.#seconds++;
    const wanted = this.#seconds % PERIOD_S === MEASURED_S;
    if (wanted === this.#fd >= 0) return;
    if (!wanted) {
      this.close();
      return;
    }
    this.#fd = enableRunStatistics();
    this.#since = process.hrtime.bigint();
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#measured = BigInt(this.measuredNs);
    closeSync(this.#fd);
    this.#fd = -1;
  }
}
