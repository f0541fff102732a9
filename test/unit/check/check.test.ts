/** `dhrishti check` on the shop before and after auth was slowed, recorded for real, and on captures that are not whole. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/base/paths.js';
import { lostExchanges } from '../../../src/check/bounds.js';
import { compare, evaluate } from '../../../src/check/evaluate.js';
import { toJunit } from '../../../src/check/junit.js';
import { parseAssertion } from '../../../src/check/parse.js';
import { analyzed } from '../../support/analysis.js';
import { CaptureBuilder } from '../../support/capture-builder.js';
import { fileOf, foreignVersion, withFolder } from '../../support/capture.js';
import { CLI, type Ran, dhrishti } from '../../support/cli.js';
import { thinAtRandom } from '../../support/thin.js';

const fixture = (name: string): string => join(packageRoot, 'fixtures', `shop-${name}.dhr`);

function check(...args: string[]): Ran {
  return dhrishti(process.cwd(), ['check', ...args]);
}

const GATES = [
  'gateway -> auth p95 < 15ms',
  'auth server p95 < 15ms',
  'failures == 0',
  'lost == 0',
  'high findings == 0',
];
const asked = GATES.flatMap((gate) => ['--assert', gate]);

describe('the shop', () => {
  it('passes before auth was slowed', () => {
    const { status, out } = check(fixture('before'), ...asked);
    expect(out).toContain('5 assertions: 5 passed, 0 failed, 0 not known.');
    expect(status).toBe(0);
  });

  it('fails after, with value and evidence, and with 6', () => {
    const { status, out } = check(fixture('after'), ...asked);
    expect(out).toMatch(
      /FAIL {2}gateway -> auth p95 < 15ms\n {6}2\d(\.\d)? ms: gateway -> auth:8081, 288 exchanges\n/,
    );
    expect(out).toMatch(/ok {4}failures == 0\n {6}0: none of \d+ connections\n/);
    expect(out).toContain('5 assertions: 3 passed, 2 failed, 0 not known.');
    expect(status).toBe(6);
  });

  it('gives JSON and JUnit for several captures', () =>
    withFolder((folder) => {
      const file = join(folder, 'gates.txt');
      const junit = join(folder, 'junit.xml');
      writeFileSync(file, `# gates\n${GATES.join('\n')}\n`);
      const { status, out } = check(
        fixture('before'),
        fixture('after'),
        '--assert-file',
        file,
        '--json',
        '--junit',
        junit,
      );
      expect(status).toBe(6);
      const { passed, captures } = JSON.parse(out) as {
        passed: boolean;
        captures: { outcomes: { verdict: string }[] }[];
      };
      expect(passed).toBe(false);
      expect(
        captures.map(({ outcomes }) => outcomes.map(({ verdict }) => verdict).join(' ')),
      ).toEqual(['pass pass pass pass pass', 'fail fail pass pass pass']);
      const xml = readFileSync(junit, 'utf8');
      expect(xml.match(/<testsuite /g)).toHaveLength(2);
      expect(xml).toContain('name="gateway -&gt; auth p95 &lt; 15ms">');
      expect(xml.match(/<failure type="fail" message="2/g)).toHaveLength(2);
    }));

  it('fails an edge that is not there, with names that are like it', () => {
    const { status, out } = check(
      fixture('before'),
      '--assert',
      'failures(gatewya -> auth) == 0',
      '--assert',
      'p95(auth -> gateway) < 1s',
    );
    expect(out).toContain('no edge is "gatewya -> auth": did you mean gateway -> auth');
    expect(out).toContain('no edge is "auth -> gateway": did you mean gateway -> auth:8081');
    expect(status).toBe(6);
  });

  it('refuses what it cannot understand with 2, and what is no capture with 4', () => {
    const bad = check(fixture('before'), '--assert', 'auth p95 < 50');
    expect([bad.status, bad.out]).toEqual([2, '']);
    expect(bad.err).toContain('  auth p95 < 50\n               ^ character 14\n');
    expect(check(fixture('before')).err).toContain('There is nothing to check');
    expect(check(CLI, '--assert', 'lost == 0').status).toBe(4);
    expect(check(fixture('before'), '--assert-file', '/nonexistent').status).toBe(2);
  });
});

describe('the file for a CI server', () => {
  const run = (folder: string, capture: string, junit: string): ReturnType<typeof check> =>
    check(capture, '--assert', 'lost == 0', '--junit', join(folder, junit));

  it('is told to be unwritable before anything is read, and takes the place of no capture', () =>
    withFolder((folder) => {
      const nowhere = run(folder, 'gone.dhr', 'no/junit.xml');
      expect([nowhere.status, nowhere.out]).toEqual([1, '']);
      expect(nowhere.err).toContain('does not exist.');
      expect(nowhere.err).toContain('Name another file with --junit.');
      expect(run(folder, 'gone.dhr', '').err).toContain('it is a folder.');
      const capture = join(folder, 'x.dhr');
      copyFileSync(fixture('before'), capture);
      const over = run(folder, capture, 'x.dhr');
      expect([over.status, over.out]).toEqual([2, '']);
      expect(over.err).toContain('it is what is read.');
      expect(readFileSync(capture).equals(readFileSync(fixture('before')))).toBe(true);
    }));

  it('is written whole and alone, and not for a capture that cannot be read', () =>
    withFolder((folder) => {
      expect(run(folder, fixture('before'), 'junit.xml').status).toBe(0);
      expect(readdirSync(folder)).toEqual(['junit.xml']);
      expect(readFileSync(join(folder, 'junit.xml'), 'utf8').trimEnd()).toMatch(/<\/testsuites>$/);
      const newer = run(folder, fileOf(folder, 'newer.dhr', foreignVersion(3, 7)), 'other.xml');
      expect([newer.status, newer.out]).toEqual([4, '']);
      expect(newer.err).toContain('newer.dhr has format version 3.7');
      const gone = run(folder, 'gone.dhr', 'other.xml');
      expect([gone.status, gone.out]).toEqual([1, '']);
      expect(gone.err).toContain('gone.dhr');
      expect(readdirSync(folder).sort()).toEqual(['junit.xml', 'newer.dhr']);
    }));
});

describe('a capture that is not whole', () => {
  const bytes = readFileSync(fixture('before'));
  const verdicts = (capture: Uint8Array, ...texts: string[]): string[] => {
    const analysis = analyzed(capture);
    return texts.map((text) => {
      const { verdict, evidence } = evaluate(parseAssertion(text, 'test'), analysis);
      return `${verdict}: ${evidence}`;
    });
  };

  it('does not tell latencies when torn, and counts only what was seen for sure', () => {
    const torn = bytes.subarray(0, Math.floor(bytes.length / 2));
    const [latency, none, some, at] = verdicts(
      torn,
      'gateway -> auth p95 < 1s',
      'failures == 0',
      'exchanges(auth) > 10',
      'exchanges(auth) < 10000',
    );
    expect(latency).toMatch(
      /^not known: gateway -> auth:8081, \d+ exchanges; not known: the capture is torn at byte \d+; with what is missing it is 0 ns or more$/,
    );
    expect(none).toMatch(/^not known: /);
    expect(some).toMatch(/^pass: /);
    expect(at).toMatch(/^not known: /);
  });

  it('does not tell bytes that nothing counted', () => {
    const made = new CaptureBuilder();
    const gateway = made.container('gateway', '10.0.0.2');
    const auth = made.container('auth', '10.0.0.3');
    made.listen(auth, 8081);
    made.connect(gateway, auth, 8081, 1000).exchange(1010, 2);
    made.connect(gateway, auth, 8081, 1000).exchange(1010, 2, { request: 2000 }).close(1100);
    made.lastCensus = false;
    const told = verdicts(made.bytes(), 'bytes sent < 1MB', 'bytes sent > 1kB', 'lost == 0');
    expect(told).toEqual([
      'not known: gateway -> auth:8081; not known; with what is missing it is 1.95 KiB or more',
      'pass: gateway -> auth:8081; with what is missing it is 1.95 KiB or more',
      'pass: of 18 recorded events',
    ]);
  });

  it('tells a percentile that the lost events cannot overturn, and no other', () => {
    const { bytes: few } = thinAtRandom(bytes, 0.002, 3, { counted: true });
    const [median, tight, tail] = verdicts(
      few,
      'gateway -> auth p50 < 1s',
      'gateway -> auth p99 < 1s',
      'lost == 0',
    );
    expect(median).toMatch(/^pass: .*events were lost; with what is missing it is between /);
    expect(tight).toMatch(/^not known: .*; with what is missing it is [\d.]+ ms or more$/);
    expect(tail).toMatch(/^fail: /);
  });
});

describe('exchanges that only the kernel’s totals show', () => {
  const made = new CaptureBuilder();
  const gateway = made.container('gateway', '10.0.0.2');
  const auth = made.container('auth', '10.0.0.3');
  made.listen(auth, 8081);
  const connection = made.connect(gateway, auth, 8081, 1000);
  for (let i = 0; i < 100; i++)
    connection.exchange(1010 + 10 * i, 2, i === 50 ? { lostAt: 'client' } : {});
  connection.close(2100);
  const judged = (text: string): string => {
    const { verdict, shown, evidence } = evaluate(parseAssertion(text, 'test'), analyzed(made));
    return `${verdict}: ${shown}: ${evidence}`;
  };
  const lost = 'the events of 1 exchange were lost: counted, but not timed';

  it('are events lost, though the recorder counted none', () => {
    expect(judged('lost == 0')).toBe(
      `fail: 1: of 209 recorded events, ${lost}; with what is missing it is 1 or more`,
    );
    expect(judged('lost < 5')).toMatch(/^not known: 1: .*; not known; with what is missing/);
  });

  it('are told where a time was judged, and widen its bounds', () => {
    expect(judged('gateway -> auth p50 < 50ms')).toBe(
      `pass: 1.99 ms: gateway -> auth:8081, 100 exchanges, ${lost}`,
    );
    expect(judged('auth max < 50ms')).toBe(
      `not known: 2 ms: gateway -> auth:8081, 100 exchanges, ${lost}; not known; with what is missing it is 2 ms or more`,
    );
    expect(judged('auth max < 1ms')).toMatch(/^fail: /);
  });

  it('are in the counts', () => {
    expect(judged('exchanges(auth) == 100')).toBe(`pass: 100: gateway -> auth:8081, ${lost}`);
  });
});

it.each(['shop', 'shop-before', 'shop-after'])('%s.dhr has none of those', (name) => {
  const analysis = analyzed(readFileSync(join(packageRoot, 'fixtures', `${name}.dhr`)));
  expect(analysis.edges.map((edge) => lostExchanges(edge, analysis))).toEqual(
    analysis.edges.map(() => 0),
  );
});

describe('what is compared', () => {
  it.each([
    ['<', 0, 5, 'pass', 'pass', 'not known', 'fail'],
    ['>=', 0, 5, 'fail', 'fail', 'not known', 'pass'],
  ] as const)('%s is three-valued', (operator, low, high, above, over, inside, below) => {
    const at = (threshold: number): string => compare({ value: 1, low, high }, operator, threshold);
    expect([at(7), at(6), at(3), at(0)]).toEqual([above, over, inside, below]);
  });

  it('is equal where it is known exactly only', () => {
    expect(compare({ value: 0, low: 0, high: 3 }, '==', 0)).toBe('not known');
    expect(compare({ value: 4, low: 4, high: 9 }, '==', 0)).toBe('fail');
    expect(compare({ value: 0, low: 0, high: 0 }, '!=', 0)).toBe('fail');
  });
});

it('writes names that are markup as text into JUnit', () => {
  const outcome = {
    assertion: '"]]>" p95 < 1ms',
    verdict: 'not known',
    value: null,
    shown: 'x',
    evidence: '\u0000<&\ud800',
  } as const;
  const xml = toJunit([{ capture: '"x".dhr', outcomes: [outcome] }]);
  expect(xml).toContain(
    '<testcase classname="&quot;x&quot;.dhr" name="&quot;]]&gt;&quot; p95 &lt; 1ms">',
  );
  expect(xml).toContain('<error type="not known" message="x: \ufffd&lt;&amp;\ufffd"/>');
});
