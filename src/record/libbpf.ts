/**
 * libbpf, as far as dhrishti uses it: open an object, load it, attach its programs, use its maps.
 *
 * Two rules. Arguments are checked before they cross. Every buffer that C may still use is kept in a field
 * for as long: a collected one would end the recording without a word.
 */
import { DhrishtiError } from '../base/errors.js';
import { errnoName } from './errno.js';
import { native, type Pointer } from './native.js';

/** include/uapi/linux/bpf.h, enum bpf_attach_type and enum bpf_stats_type. */
const BPF_TRACE_FENTRY = 24;
const BPF_STATS_RUN_TIME = 0;

/** True when the kernel's BTF has this function, which programs may call where it is a kfunc. */
export function hasFunction(name: string): boolean {
  const id = native().bpf.libbpf_find_vmlinux_btf_id(name, BPF_TRACE_FENTRY) as number;
  return id > 0;
}

/** Turns on run statistics of BPF programs until the returned file descriptor is closed; -1 on failure. */
export function enableRunStatistics(): number {
  return native().bpf.bpf_enable_stats(BPF_STATS_RUN_TIME) as number;
}

/** A map of a loaded object, by its file descriptor. Keys and values are plain bytes. */
export class BpfMap {
  readonly name: string;
  readonly fd: number;

  constructor(name: string, fd: number) {
    this.name = name;
    this.fd = fd;
  }

  /** Sets one element. @throws DhrishtiError FAILED naming the map. */
  update(key: Buffer, value: Buffer): void {
    const { bpf } = native();
    const result = bpf.bpf_map_update_elem(this.fd, key, value, 0) as number;
    if (result < 0) {
      throw new DhrishtiError(
        'FAILED',
        `The kernel's map ${this.name} refused an element: ${errnoName(-result)}.`,
        'Give fewer ports, containers or namespaces to the filter.',
      );
    }
  }

  /** True when there is such an element. Of values up to 8 bytes. */
  has(key: Buffer): boolean {
    return (native().bpf.bpf_map_lookup_elem(this.fd, key, Buffer.alloc(8)) as number) >= 0;
  }

  /** Removes one element; one that is not there is no error. */
  delete(key: Buffer): void {
    native().bpf.bpf_map_delete_elem(this.fd, key);
  }
}

/** One BPF object file: opened, told what to load, loaded, attached, closed. In that order. */
export class BpfObject {
  readonly #object: Pointer;
  readonly #programs = new Map<string, Pointer>();
  readonly #links: Pointer[] = [];
  /** What C holds a pointer to, for as long as this object lives. */
  readonly #kept: unknown[] = [];

  /** @throws DhrishtiError CANNOT_RECORD when the file is missing or no BPF object. */
  constructor(file: string) {
    const { bpf, ref, ffi } = native();
    this.#object = bpf.bpf_object__open_file(file, ref.NULL) as Pointer;
    if (ref.isNull(this.#object)) {
      throw new DhrishtiError(
        'CANNOT_RECORD',
        `The BPF object ${file} cannot be opened: ${errnoName(ffi.errno())}.`,
        'Build it with `npm run build` (needs clang), or install the published package.',
      );
    }
  }

  #program(name: string): Pointer {
    const known = this.#programs.get(name);
    if (known) return known;
    const { bpf, ref } = native();
    const program = bpf.bpf_object__find_program_by_name(this.#object, name) as Pointer;
    if (ref.isNull(program)) throw new TypeError(`the BPF object has no program ${name}`);
    this.#programs.set(name, program);
    return program;
  }

  #mapPointer(name: string): Pointer {
    const { bpf, ref } = native();
    const map = bpf.bpf_object__find_map_by_name(this.#object, name) as Pointer;
    if (ref.isNull(map)) throw new TypeError(`the BPF object has no map ${name}`);
    return map;
  }

  /** Whether `load` takes this program. */
  setAutoload(name: string, on: boolean): void {
    native().bpf.bpf_program__set_autoload(this.#program(name), on);
  }

  /** Number of entries of a map; bytes for a ring buffer. Before `load`. */
  setMapSize(name: string, entries: number): void {
    native().bpf.bpf_map__set_max_entries(this.#mapPointer(name), entries);
  }

  /** Sets a constant of the kernel side that has a section of its own: one u32. Before `load`. */
  setConstant(section: string, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    native().bpf.bpf_map__set_initial_value(this.#mapPointer(section), bytes, bytes.length);
  }

  /** Gives the verifier's words about this program to the returned function, for a second try. */
  keepLog(name: string): () => string {
    const log = Buffer.alloc(1 << 16);
    this.#kept.push(log);
    native().bpf.bpf_program__set_log_buf(this.#program(name), log, log.length);
    return () => log.toString('utf8', 0, Math.max(0, log.indexOf(0)));
  }

  /** Loads maps and programs. Gives 0, or the errno with which the kernel refused. */
  load(): number {
    return -(native().bpf.bpf_object__load(this.#object) as number);
  }

  /** Attaches a program. Gives 0, or the errno with which the kernel refused. */
  tryAttach(name: string): number {
    const { bpf, ref, ffi } = native();
    const link = bpf.bpf_program__attach(this.#program(name)) as Pointer;
    if (ref.isNull(link)) return ffi.errno();
    this.#links.push(link);
    return 0;
  }

  /** @throws DhrishtiError CANNOT_RECORD naming the program and the errno. */
  attach(name: string): void {
    const code = this.tryAttach(name);
    if (code !== 0) throw this.#refused(name, code);
  }

  /**
   * Attaches an iterator, over a map's elements where `map` is given.
   * @returns a function that opens one pass and gives a file descriptor to read rows from.
   */
  attachIterator(name: string, map?: BpfMap): () => number {
    const { bpf, ref, ffi } = native();
    let options: Buffer = ref.NULL;
    if (map) {
      // union bpf_iter_link_info { struct { __u32 map_fd; } map; … } and struct bpf_iter_attach_opts
      const info = Buffer.alloc(16);
      info.writeUInt32LE(map.fd, 0);
      options = Buffer.alloc(24);
      options.writeUInt32LE(options.length, 0);
      ref.writePointer(options, 8, info);
      options.writeUInt32LE(info.length, 16);
      this.#kept.push(info, options);
    }
    const link = bpf.bpf_program__attach_iter(this.#program(name), options) as Pointer;
    if (ref.isNull(link)) throw this.#refused(name, ffi.errno());
    this.#links.push(link);
    return () => {
      const fd = bpf.bpf_iter_create(bpf.bpf_link__fd(link)) as number;
      if (fd < 0) throw this.#refused(name, -fd);
      return fd;
    };
  }

  #refused(name: string, code: number): DhrishtiError {
    return new DhrishtiError(
      'CANNOT_RECORD',
      `The kernel refuses to attach the probe ${name}: ${errnoName(code)}.`,
      'Run `dhrishti doctor` to see what this machine can record.',
    );
  }

  /** A map of the loaded object. */
  map(name: string): BpfMap {
    return new BpfMap(name, native().bpf.bpf_map__fd(this.#mapPointer(name)) as number);
  }

  /** File descriptor of a loaded program. */
  programFd(name: string): number {
    return native().bpf.bpf_program__fd(this.#program(name)) as number;
  }

  /** Detaches every probe and gives everything back to the kernel. */
  close(): void {
    const { bpf } = native();
    for (const link of this.#links.splice(0)) bpf.bpf_link__destroy(link);
    bpf.bpf_object__close(this.#object);
    this.#programs.clear();
    this.#kept.length = 0;
  }
}
