/** The house's import rules, as one table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow, includesOf, inspectSource, type Import } from '../support/imports.js';

const ROOT = join(import.meta.dirname, '../..');

interface Rule {
  /** The rule is for files whose path begins with one of these; the first rule that fits is the one. */
  files: string[];
  /** Own files that they may import, by the beginning of the path. */
  own: string[];
  /** Own files of which they may import types only. */
  types?: string[];
  /** Packages that they may import. */
  packages?: string[];
  /** `node:` modules that they may import; all where this is left out. */
  node?: string[];
  why: string;
}

const RULES: Rule[] = [
  {
    files: ['src/base/'],
    own: ['src/base/'],
    why: 'everybody may import base, so base imports nobody',
  },
  {
    files: ['src/capture/'],
    own: ['src/capture/', 'src/base/'],
    why: 'the format is a leaf that both sides share',
  },
  {
    files: ['src/record/native'],
    own: ['src/record/', 'src/base/'],
    packages: ['ffi-napi', '@2060.io/ref-napi'],
    why: 'native calls stay behind one door',
  },
  {
    files: ['src/record/'],
    own: ['src/record/', 'src/capture/', 'src/base/'],
    packages: ['dockerode'],
    why: 'the recorder knows nothing of the analyzer',
  },
  {
    files: ['src/analyze/store', 'src/analyze/export'],
    own: ['src/analyze/', 'src/capture/', 'src/base/'],
    packages: ['better-sqlite3', 'apache-arrow'],
    why: 'the ends of the pipeline are where files are written',
  },
  {
    files: ['src/analyze/analyze.ts', 'src/analyze/pipeline.ts', 'src/analyze/k6-file.ts'],
    own: ['src/analyze/', 'src/capture/', 'src/base/'],
    why: 'one page names every stage, and files are opened beside it',
  },
  {
    files: ['src/analyze/digest.ts'],
    own: ['src/analyze/'],
    node: ['node:crypto'],
    why: 'hashing is neither a clock, nor chance, nor I/O',
  },
  {
    files: ['src/analyze/'],
    own: ['src/analyze/', 'src/capture/', 'src/base/'],
    node: [],
    why: 'stages do no I/O and know nothing of the recorder',
  },
  {
    files: ['src/report/client/'],
    own: ['src/report/client/'],
    types: ['src/report/data.ts'],
    packages: ['d3'],
    node: [],
    why: 'the page runs in a browser and knows only its data',
  },
  {
    files: ['src/report/data.ts'],
    own: [],
    node: [],
    why: 'the contract with the page stands alone',
  },
  {
    files: ['src/report/'],
    // The buckets' bounds have one home: what the analysis counted in, the report reads in.
    own: ['src/report/', 'src/base/', 'src/analyze/metrics/histogram.ts'],
    types: ['src/analyze/', 'src/diff/'],
    why: 'the report is made from the analysis, not by it',
  },
  {
    files: ['src/check/'],
    own: [
      'src/check/',
      'src/base/',
      'src/analyze/findings.ts',
      'src/analyze/words.ts',
      'src/analyze/metrics/histogram.ts',
    ],
    types: ['src/analyze/'],
    node: [],
    why: 'assertions are judged on the analysis, and change nothing in it',
  },
  {
    files: ['src/diff/'],
    own: ['src/diff/', 'src/base/', 'src/analyze/words.ts', 'src/analyze/metrics/histogram.ts'],
    types: ['src/analyze/'],
    node: [],
    why: 'two analyses are compared, and neither is changed',
  },
  {
    files: ['src/cli.ts', 'src/cli/'],
    own: ['src/'],
    packages: ['commander'],
    why: 'the command line ties the parts together',
  },
];

/** What the data flows through, in order: a stage imports nothing that comes after it. */
const STAGES = [
  'order',
  'normalize',
  'connections',
  'clean',
  'correlate',
  'metrics',
  'findings',
  'store',
];

const sources = filesBelow(ROOT, 'src', ['.ts']).map((file) => ({
  file,
  ...inspectSource(ROOT, file),
}));
const begins = (path: string, beginnings: readonly string[]): boolean =>
  beginnings.some((beginning) => path.startsWith(beginning));
const describeImport = (one: Import): string =>
  `${one.from}:${one.line} imports ${one.typeOnly ? 'types from ' : ''}${one.to}`;

function isAllowed(one: Import, rule: Rule): boolean {
  if (one.to.startsWith('node:')) return rule.node === undefined || rule.node.includes(one.to);
  if (!one.to.startsWith('src/')) {
    return (rule.packages ?? []).some((name) => one.to === name || one.to.startsWith(`${name}/`));
  }
  return begins(one.to, rule.own) || (one.typeOnly && begins(one.to, rule.types ?? []));
}

describe('imports', () => {
  it('reads what it is meant to judge', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(100);
  });

  it('has a rule for every file', () => {
    const without = sources.filter(({ file }) => !RULES.some((rule) => begins(file, rule.files)));
    expect(without.map(({ file }) => file)).toEqual([]);
  });

  it.each(RULES)('$files: $why', (rule) => {
    const broken = sources
      .filter(({ file }) => RULES.find((candidate) => begins(file, candidate.files)) === rule)
      .flatMap(({ imports }) => imports)
      .filter((one) => !isAllowed(one, rule));
    expect(broken.map(describeImport)).toEqual([]);
  });

  it('lets no stage import a later one', () => {
    const stageOf = (path: string): number =>
      STAGES.indexOf(/^src\/analyze\/([a-z]+)[./-]/.exec(path)?.[1] ?? '');
    const broken = sources
      .flatMap(({ imports }) => imports)
      .filter((one) => stageOf(one.from) >= 0 && stageOf(one.to) > stageOf(one.from));
    expect(broken.map(describeImport)).toEqual([]);
  });

  it('has no import cycle that runs', () => {
    expect(findCycle()).toEqual([]);
  });
});

describe('globals', () => {
  const PRINTS = /^(console|process\.(exit|exitCode|stdout|stderr))$/;
  const UNSTEADY = /^(Date\.now|Math\.random|new Date\(\)|performance\.now|process\.hrtime)$/;
  const uses = (name: RegExp, inFiles: (file: string) => boolean): string[] =>
    sources
      .flatMap(({ globals }) => globals)
      .filter((use) => name.test(use.name) && inFiles(use.file))
      .map((use) => `${use.file}:${use.line} uses ${use.name}`);

  it('prints and exits in src/cli only', () => {
    expect(uses(PRINTS, (file) => !begins(file, ['src/cli.ts', 'src/cli/']))).toEqual([]);
  });

  it('gives the same analysis and report for the same capture: no clock, no randomness', () => {
    const steady = ['src/capture/', 'src/analyze/', 'src/report/'];
    const inBrowser = (file: string): boolean => file.startsWith('src/report/client/');
    expect(uses(UNSTEADY, (file) => begins(file, steady) && !inBrowser(file))).toEqual([]);
  });
});

describe('bpf', () => {
  const files = filesBelow(ROOT, 'bpf', ['.c', '.h']);

  it('includes its own files and libbpf only', () => {
    const names = new Set(files.map((file) => file.slice('bpf/'.length)));
    const broken = files.flatMap((file) =>
      includesOf(ROOT, file)
        .filter((included) => !names.has(included) && !/^<bpf\/[a-z_]+\.h>$/.test(included))
        .map((included) => `${file} includes ${included}`),
    );
    expect(broken).toEqual([]);
  });

  it('shares events.h and nothing else: it includes nothing itself', () => {
    expect(includesOf(ROOT, 'bpf/events.h')).toEqual([]);
  });

  it('names its hooks in the table of contents only', () => {
    const hooks = /^SEC\("(?!maps|\.maps|license)/m;
    // Each of the two objects has its own: what records, and what the kernel is asked before.
    const tables = ['bpf/dhrishti.bpf.c', 'bpf/features.bpf.c'];
    const broken = files.filter(
      (file) => hooks.test(readFileSync(join(ROOT, file), 'utf8')) && !tables.includes(file),
    );
    expect(broken).toEqual([]);
  });
});

/** The first chain of value imports that comes back to where it began. */
function findCycle(): string[] {
  const edges = new Map<string, string[]>();
  for (const { file, imports } of sources) {
    edges.set(
      file,
      imports.filter((one) => !one.typeOnly && one.to.startsWith('src/')).map((one) => one.to),
    );
  }
  const done = new Set<string>();
  const walk = (file: string, path: string[]): string[] => {
    const seen = path.indexOf(file);
    if (seen >= 0) return [...path.slice(seen), file];
    if (done.has(file)) return [];
    for (const next of edges.get(file) ?? []) {
      const cycle = walk(next, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of edges.keys()) {
    const cycle = walk(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
