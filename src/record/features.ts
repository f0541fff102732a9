/** Asks the machine what it can record. The kernel is asked for each hook by loading it, never for its version. */
import { existsSync } from 'node:fs';
import { DhrishtiError } from '../base/errors.js';
import { builtFiles } from '../base/paths.js';
import { EAGAIN } from './errno.js';
import { BpfObject } from './libbpf.js';
import { libbpfProblem } from './native.js';
import { missingCapabilities } from './privilege.js';
import { ALL_QUESTIONS, type Features } from './probes.js';

const BTF = '/sys/kernel/btf/vmlinux';

/** A signal that waits makes the verifier give up; then the question is asked again, this often. */
const ATTEMPTS = 5;

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
  const lacking = [builtFiles.bpfObject, builtFiles.featuresObject].find((f) => !existsSync(f));
  needs.push({
    name: 'BPF object',
    ok: lacking === undefined,
    detail: lacking === undefined ? 'built' : `The BPF object is missing: ${lacking}`,
    ...(lacking === undefined ? {} : { fix: 'npm run build (needs clang)' }),
  });
  return needs;
}

/** @throws DhrishtiError CANNOT_RECORD for the first need that does not hold. */
export function requireBasics(): void {
  const need = basicNeeds().find((n) => !n.ok);
  if (!need) return;
  throw new DhrishtiError('CANNOT_RECORD', `${need.detail}.`, need.fix ?? 'Run `dhrishti doctor`.');
}

/** The tiny program of bpf/features.bpf.c that asks a question. */
const programFor = (question: string): string => question.replace(/[^a-z0-9]+/gi, '_');

/** Loads and attaches one tiny program and takes it out again. Gives 0, or the errno of the refusal. */
function ask(question: string): number {
  const object = new BpfObject(builtFiles.featuresObject);
  try {
    for (const other of ALL_QUESTIONS) object.setAutoload(programFor(other), other === question);
    const refusal = object.load();
    // An iterator does nothing by being attached: that it loads is the answer.
    if (refusal !== 0 || question.startsWith('iter/')) return refusal;
    return object.tryAttach(programFor(question));
  } finally {
    object.close();
  }
}

/**
 * Asks the kernel everything that the plan wants to know, one question after the other. Each program does
 * nothing and is gone again within milliseconds.
 * @throws DhrishtiError CANNOT_RECORD where libbpf or the object of the questions is missing.
 */
export function probeFeatures(): Features {
  return new Map(
    ALL_QUESTIONS.map((question) => {
      let answer = ask(question);
      for (let again = 0; answer === EAGAIN && again < ATTEMPTS; again++) answer = ask(question);
      return [question, answer];
    }),
  );
}
