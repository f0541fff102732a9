/**
 * The only place where JavaScript meets C: libbpf and a few calls of libc through FFI. Loaded by `record` and `doctor`
 * alone, and lazily, so that everything else works where it cannot be built.
 */
import { createRequire } from 'node:module';
import type FfiModule from 'ffi-napi';
import type RefModule from '@2060.io/ref-napi';
import { DhrishtiError } from '../base/errors.js';

const LIBBPF = {
  bpf_object__open_file: ['pointer', ['string', 'pointer']],
  bpf_object__load: ['int', ['pointer']],
  bpf_object__close: ['void', ['pointer']],
  bpf_object__find_program_by_name: ['pointer', ['pointer', 'string']],
  bpf_object__find_map_by_name: ['pointer', ['pointer', 'string']],
  bpf_program__set_autoload: ['int', ['pointer', 'bool']],
  bpf_program__set_log_buf: ['int', ['pointer', 'pointer', 'size_t']],
  bpf_program__fd: ['int', ['pointer']],
  bpf_program__attach: ['pointer', ['pointer']],
  bpf_program__attach_iter: ['pointer', ['pointer', 'pointer']],
  bpf_link__fd: ['int', ['pointer']],
  bpf_link__destroy: ['int', ['pointer']],
  bpf_iter_create: ['int', ['int']],
  bpf_map__set_initial_value: ['int', ['pointer', 'pointer', 'size_t']],
  bpf_map__set_max_entries: ['int', ['pointer', 'uint32']],
  bpf_map__fd: ['int', ['pointer']],
  bpf_map_update_elem: ['int', ['int', 'pointer', 'pointer', 'uint64']],
  bpf_map_delete_elem: ['int', ['int', 'pointer']],
  bpf_map_lookup_elem: ['int', ['int', 'pointer', 'pointer']],
  bpf_enable_stats: ['int', ['int']],
  libbpf_find_vmlinux_btf_id: ['int', ['string', 'int']],
  libbpf_set_print: ['pointer', ['pointer']],
} as const;

const LIBC = {
  mmap: ['pointer', ['pointer', 'size_t', 'int', 'int', 'int', 'int64']],
  munmap: ['int', ['pointer', 'size_t']],
  getpagesize: ['int', []],
  setns: ['int', ['int', 'int']],
} as const;

/** A C pointer. Buffers of length 0 that the FFI hands out; never read through. */
export type Pointer = Buffer;

/** The C functions, after loading. Typed by hand because the FFI's own types do not survive `string`. */
interface Native {
  ffi: typeof FfiModule;
  ref: typeof RefModule;
  bpf: Record<keyof typeof LIBBPF, (...args: unknown[]) => unknown>;
  c: Record<keyof typeof LIBC, (...args: unknown[]) => unknown>;
}

function cannotLoad(what: string, why: unknown, hint: string): DhrishtiError {
  const reason = why instanceof Error ? (why.message.split('\n')[0] ?? '') : String(why);
  return new DhrishtiError('CANNOT_RECORD', `${what} cannot be loaded: ${reason}.`, hint, {
    cause: why,
  });
}

let loaded: Native | undefined;

/**
 * Loads the FFI and libbpf once.
 * @throws DhrishtiError CANNOT_RECORD naming what is missing and how to get it.
 */
export function native(): Native {
  if (loaded) return loaded;
  const require = createRequire(import.meta.url);
  let ffi: typeof FfiModule;
  let ref: typeof RefModule;
  try {
    ffi = require('ffi-napi') as typeof FfiModule;
    ref = require('@2060.io/ref-napi') as typeof RefModule;
  } catch (error) {
    throw cannotLoad(
      'The native module ffi-napi',
      error,
      'Install a C++ compiler, make and python3, then run `npm rebuild`.',
    );
  }
  const open = (file: string, functions: object): unknown =>
    new ffi.Library(file, functions as Record<string, ['void', []]>);
  try {
    const bpf = open('libbpf.so.1', LIBBPF) as Native['bpf'];
    const c = open('libc.so.6', LIBC) as Native['c'];
    // libbpf would write to stderr by itself; what it has to say is read from return values and logs.
    bpf.libbpf_set_print(ref.NULL);
    loaded = { ffi, ref, bpf, c };
  } catch (error) {
    throw cannotLoad(
      'The library libbpf.so.1',
      error,
      'Install it: `apt-get install libbpf1` or `dnf install libbpf`.',
    );
  }
  return loaded;
}

/** True where FFI and libbpf load; else the error that says why not. */
export function libbpfProblem(): DhrishtiError | null {
  try {
    native();
    return null;
  } catch (error) {
    if (error instanceof DhrishtiError) return error;
    throw error;
  }
}
