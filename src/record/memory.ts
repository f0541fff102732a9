/** Memory of the kernel's, mapped into this process. */
import { DhrishtiError } from '../base/errors.js';
import { errnoName } from './errno.js';
import { native, type Pointer } from './native.js';

/** include/uapi/asm-generic/mman-common.h */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

/** Bytes of a page of memory: 4096 on x86-64, up to 65536 on arm64. */
export function pageSize(): number {
  return native().c.getpagesize() as number;
}

/** A stretch of memory mapped from a file descriptor. Nothing of it may be touched after `unmap`. */
export interface Mapping {
  readonly bytes: Buffer;
  unmap(): void;
}

/**
 * Maps `length` bytes at `offset` of `fd`, shared.
 * @throws DhrishtiError CANNOT_RECORD when the kernel refuses.
 */
export function mapMemory(fd: number, offset: number, length: number, writable: boolean): Mapping {
  const { c, ref, ffi } = native();
  const protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
  const address = c.mmap(ref.NULL, length, protection, MAP_SHARED, fd, offset) as Pointer;
  if (
    ref.address(address) <= 0 ||
    ref.hexAddress(address).toLowerCase().endsWith('ffffffffffffffff')
  ) {
    throw new DhrishtiError(
      'CANNOT_RECORD',
      `The ring buffer (${String(length)} bytes) cannot be mapped: ${errnoName(ffi.errno())}.`,
      'Try a smaller one with --buffer.',
    );
  }
  const bytes = ref.reinterpret(address, length, 0);
  return {
    bytes,
    unmap: () => {
      c.munmap(address, length);
    },
  };
}
