/** Work in another network namespace: an iterator over sockets sees that of whoever opened it. */
import { closeSync, openSync } from 'node:fs';
import { DhrishtiError } from '../base/errors.js';
import { errnoName } from './errno.js';
import { native } from './native.js';

/** include/uapi/linux/sched.h */
const CLONE_NEWNET = 0x4000_0000;

/**
 * Does something in the network namespace of a process, at once, on this thread alone.
 * @returns what it gave; null where the process is gone, or CAP_SYS_ADMIN is missing.
 * @throws DhrishtiError FAILED where the way back is barred.
 */
export function inNamespace<T>(pid: number, work: () => T): T | null {
  const home = openSync('/proc/self/ns/net', 'r');
  try {
    if (!enter(pid)) return null;
    try {
      return work();
    } finally {
      setns(home);
    }
  } finally {
    closeSync(home);
  }
}

function enter(pid: number): boolean {
  let there: number;
  try {
    there = openSync(`/proc/${String(pid)}/ns/net`, 'r');
  } catch {
    return false;
  }
  try {
    return native().c.setns(there, CLONE_NEWNET) === 0;
  } finally {
    closeSync(there);
  }
}

function setns(home: number): void {
  const { c, ffi } = native();
  if (c.setns(home, CLONE_NEWNET) === 0) return;
  throw new DhrishtiError(
    'FAILED',
    `The recorder cannot return to its own network namespace: ${errnoName(ffi.errno())}.`,
    'What was recorded so far is kept; start the recording again.',
  );
}
