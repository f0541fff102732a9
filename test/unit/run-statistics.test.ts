/** What the kernel tells of a program, read as it writes it. */
import { describe, expect, it } from 'vitest';
import { programRuns } from '../../src/record/run-statistics.js';

/** Linux 6.18; fields are parted by tabs. */
const FDINFO = `pos:\t0
flags:\t02000002
mnt_id:\t16
ino:\t2072
prog_type:\t26
prog_jited:\t1
prog_tag:\t5d0e4a5a3f0a9c1e
memlock:\t4096
prog_id:\t213
run_time_ns:\t8123456
run_cnt:\t58562
recursion_misses:\t3
verified_insns:\t412
`;

describe('runs of a program', () => {
  it('tells what ran, for how long, and what was left out', () => {
    expect(programRuns(FDINFO)).toEqual({ runs: 58562, ns: 8123456, skipped: 3 });
  });

  it('counts 0 where an old kernel has no such line', () => {
    const old = FDINFO.split('\n').filter((line) => !/^(run_|recursion_)/.test(line));
    expect(programRuns(old.join('\n'))).toEqual({ runs: 0, ns: 0, skipped: 0 });
  });
});
