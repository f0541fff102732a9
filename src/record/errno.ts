/** Numbers of include/uapi/asm-generic/errno-base.h that the kernel refuses probes with. */

export const EPERM = 1;
/** libbpf's word for a hook that the kernel's types do not have. */
export const ESRCH = 3;
/** The verifier gives up with this when a signal is waiting; the next attempt may pass. */
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EBUSY = 16;

const NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  3: 'ESRCH',
  7: 'E2BIG',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  16: 'EBUSY',
  22: 'EINVAL',
  95: 'EOPNOTSUPP',
  524: 'ENOTSUPP',
};

/** `EPERM` for 1; a number in words where dhrishti has no name for it. */
export function errnoName(code: number): string {
  return NAMES[code] ?? `errno ${String(code)}`;
}
