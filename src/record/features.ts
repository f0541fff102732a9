/** Asks the machine what it can record. The kernel is asked for each hook by name, never for its version. */
import { existsSync } from 'node:fs';
import { DhrishtiError } from '../base/errors.js';
import { builtFiles } from '../base/paths.js';
import { hasTracepoint } from './libbpf.js';
import { libbpfProblem } from './native.js';
import { missingCapabilities } from './privilege.js';
import { ALL_HOOKS, type Features } from './probes.js';

const BTF = '/sys/kernel/btf/vmlinux';

/** One thing that a recording needs, and whether it is there. */
export interface Need {
  name: string;
  ok: boolean;
  detail: string;
  /** The command or step that mends it. */
  fix?: string;
}

function privilege(): Need {
  const name = 'privilege';
  const missing = missingCapabilities();
  if (missing.length === 0) return { name, ok: true, detail: 'may load and read BPF programs' };
  return {
    name,
    ok: false,
    detail: `Recording needs root, or CAP_BPF and CAP_PERFMON: this process lacks ${missing.join(' and ')}`,
    fix: 'sudo dhrishti record …',
  };
}

/** What must hold before the kernel can be asked for hooks, cheapest first. */
export function basicNeeds(): Need[] {
  const needs: Need[] = [];
  const linux = process.platform === 'linux';
  needs.push({
    name: 'Linux',
    ok: linux,
    detail: linux ? 'yes' : `Recording needs Linux, and this is ${process.platform}`,
    ...(linux ? {} : { fix: 'record on the machine under test; analyze works anywhere' }),
  });
  if (!linux) return needs;
  needs.push(privilege());
  const btf = existsSync(BTF);
  needs.push({
    name: 'BTF',
    ok: btf,
    detail: btf ? BTF : `The kernel has no type information: ${BTF} is missing`,
    ...(btf
      ? {}
      : { fix: 'boot a kernel built with CONFIG_DEBUG_INFO_BTF=y (most distributions have it)' }),
  });
  const problem = libbpfProblem();
  needs.push({
    name: 'libbpf',
    ok: problem === null,
    detail: problem === null ? 'libbpf.so.1 through ffi-napi' : problem.message.replace(/\.$/, ''),
    ...(problem === null ? {} : { fix: problem.hint }),
  });
  const object = existsSync(builtFiles.bpfObject);
  needs.push({
    name: 'BPF object',
    ok: object,
    detail: object ? 'built' : `The BPF object is missing: ${builtFiles.bpfObject}`,
    ...(object ? {} : { fix: 'npm run build (needs clang)' }),
  });
  return needs;
}

/** @throws DhrishtiError CANNOT_RECORD for the first need that does not hold. */
export function requireBasics(): void {
  const need = basicNeeds().find((n) => !n.ok);
  if (!need) return;
  throw new DhrishtiError('CANNOT_RECORD', `${need.detail}.`, need.fix ?? 'Run `dhrishti doctor`.');
}

/** The hooks that this kernel has. Needs libbpf. */
export function probeFeatures(): Features {
  const has = (hook: string): boolean => {
    const [kind, name = ''] = hook.split('/');
    // Iterators came with 5.8 and 5.9, before the floor that socket storage sets: loading tells the rest.
    return kind === 'iter' || (kind === 'tp_btf' && hasTracepoint(name));
  };
  return new Set(ALL_HOOKS.filter(has));
}
