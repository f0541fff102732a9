/** The command line as people meet it: the built program, its sentences and its exit statuses. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, realpathSync } from 'node:fs';
import { join, posix } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DhrishtiError } from '../../src/base/errors.js';
import { packageRoot, packageVersion } from '../../src/base/paths.js';
import { currentLayout, resolveLayout } from '../../src/capture/events.js';
import { encodeFileHeader } from '../../src/capture/format.js';
import { Kind, LAYOUT, Role } from '../../src/capture/layout.gen.js';
import { besideCapture, onlyCapture, toSettings } from '../../src/cli/analyze.js';
import { statusLine, summaryText, toRecordOptions } from '../../src/cli/record.js';
import type { RecordArguments } from '../../src/cli/record.js';
import { count, printable, table } from '../../src/cli/terminal.js';
import { CaptureBuilder, HOST_NETNS } from '../support/capture-builder.js';
import { captureBytes, fileOf, hostBody, ringRecord, withFolder } from '../support/capture.js';
import { CLI, type Ran, dhrishti } from '../support/cli.js';
import { thin, type Removes } from '../support/thin.js';

const AT = resolveLayout(null).at;

/** Runs the built program in `folder`. */
function run(folder: string, ...args: string[]): Ran {
  return dhrishti(folder, args);
}

const END = { at: '3500000000', reason: 'duration' } as const;

/** A small capture: two events, three lost, half a second on the clock. */
const CAPTURE = captureBytes((writer) => {
  const event = Buffer.alloc(LAYOUT.ACCEPT.size);
  event.writeBigUInt64LE(1_250_000_000n, LAYOUT.ACCEPT.fields.ts.offset);
  event.writeUInt16LE(Kind.ACCEPT, LAYOUT.ACCEPT.fields.kind.offset);
  writer.host(
    hostBody({
      command: 'k6',
      filter: { ports: [80, 443], excludePorts: [], containers: [], services: [], netns: [] },
    }),
  );
  writer.layout(currentLayout());
  writer.clock(1_000_000_000n, 1_750_000_000_000_000_000n);
  writer.events(Buffer.concat([ringRecord(event), ringRecord(event)]));
  writer.census(1_000_000_000n, 0, Buffer.alloc(2 * LAYOUT.CENSUS.size), 2);
  writer.workloads({ at: '1000000000', what: 'list', containers: [] });
  writer.stats({
    at: '1400000000',
    lost: { ACCEPT: 0, EXCHANGE: 3 },
    ringBytes: 1 << 20,
    ringHighWater: 2048,
    programs: [],
    cpuUs: 1,
    rssBytes: 1,
    eventBytes: 64,
  });
  writer.clock(1_500_000_000n, 1_750_000_000_500_000_000n);
  writer.end(END);
});

describe('usage', () => {
  it.each<[string, string[], string]>([
    ['nothing at all', [], 'Usage: dhrishti'],
    ['an unknown command', ['replay'], "unknown command 'replay'"],
    ['an unknown option', ['inspect', '--colour', 'x.dhr'], "unknown option '--colour'"],
    ['a missing capture', ['inspect'], "missing required argument 'capture'"],
    ['a command without --', ['record', 'x.dhr'], 'does not know what to do with "x.dhr"'],
    ['no length of time', ['record', '--duration', '5'], '--duration "5" is not a length of time.'],
    ['no size', ['record', '--buffer', 'big'], '--buffer "big" is not a size.'],
    ['no port', ['record', '--port', '80', '70000'], '--port "70000" is not a port.'],
    ['no namespace', ['record', '--netns', './no'], '--netns "./no" is not a network namespace.'],
    ['two captures', ['analyze', 'a.dhr', 'b.dhr'], 'analyze takes one capture; 2 were named.'],
    ['no window', ['analyze', '--window', 'x', 'a.dhr'], '--window "x" is not a length of time.'],
    [
      'a short window',
      ['analyze', '--step', '1m', 'a.dhr'],
      '--window 10s is shorter than --step 1m.',
    ],
  ])('ends with 2 and a sentence for %s', (_, args, sentence) =>
    withFolder((folder) => {
      const { status, out, err } = run(folder, ...args);
      expect(err).toContain(sentence);
      expect([status, out, readdirSync(folder)]).toEqual([2, '', []]);
    }),
  );

  it('tells its version and its help on stdout', () =>
    withFolder((folder) => {
      expect(run(folder, '--version')).toEqual({
        status: 0,
        out: `${packageVersion}\n`,
        err: '',
      });
      const help = run(folder, 'record', '--help');
      expect([help.status, help.err]).toEqual([0, '']);
      expect(help.out).toContain('Usage: dhrishti record [options] [-- COMMAND...]');
    }));
});

describe('files that cannot be read', () => {
  it.each(['analyze', 'inspect', 'log'])('%s ends with 4 for what is no capture', (command) =>
    withFolder((folder) => {
      fileOf(folder, 'page.dhr', '<!doctype html>');
      expect(run(folder, command, 'page.dhr')).toEqual({
        status: 4,
        out: '',
        err:
          'dhrishti: page.dhr is not a dhrishti capture: it is an HTML page.\n' +
          'Name a .dhr file that `dhrishti record` wrote.\n',
      });
      expect(readdirSync(folder)).toEqual(['page.dhr']);
    }),
  );

  it('ends with 4 for a capture from the future', () =>
    withFolder((folder) => {
      const header = Buffer.from(encodeFileHeader());
      header.writeUInt16LE(2, 8);
      header.writeUInt32LE(crc32(header.subarray(0, 20)), 20);
      fileOf(folder, 'new.dhr', header);
      const { status, err } = run(folder, 'inspect', 'new.dhr');
      expect([status, err.split('\n')[0]]).toEqual([
        4,
        'dhrishti: new.dhr has format version 2.0; this dhrishti reads versions up to 1.',
      ]);
    }));

  it('ends with 1 for what is not there', () =>
    withFolder((folder) =>
      expect(run(folder, 'inspect', 'x.dhr')).toEqual({
        status: 1,
        out: '',
        err: 'dhrishti: Cannot read x.dhr: no such file.\nLook at the name of the file.\n',
      }),
    ));
});

describe('inspect', () => {
  it('tells what a capture holds', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const { status, out, err } = run(folder, 'inspect', 'x.dhr');
      expect([status, err]).toEqual([0, '']);
      const facts = out.split('\n').map((line) => line.trimEnd());
      expect(facts.slice(1, 13)).toEqual([
        'verdict     complete',
        'host        box, Linux 6.18.0 x86_64, 2 CPUs',
        'started     2025-06-15T15:06:40.000Z',
        'recorder    0.1.0, ring of 1 MiB',
        'command     k6',
        'filter      ports 80, 443',
        'plan        lifecycle: tp_btf/inet_sock_set_state',
        'length      500 ms',
        'lost        3 events: EXCHANGE 3',
        'ledger      cannot be checked: there is no last census',
        'ring        at most 2 KiB waited',
        'census      start 2 rows',
      ]);
      expect(facts.slice(-5)).toEqual(['', 'event   count', 'ACCEPT      2', 'all         2', '']);
    }));

  it('tells the ledger of each port, those that do not balance first', () =>
    withFolder((folder) => {
      const capture = new CaptureBuilder();
      const [client, api, db] = ['client', 'api', 'db'].map((name) => capture.process(name));
      capture.listen(api!, 80);
      capture.listen(db!, 5432);
      for (const at of [100, 200, 300]) {
        const connection = capture.connect(client!, api!, 80, at);
        connection.exchange(at + 10, 1);
        if (at < 300) connection.close(at + 50);
      }
      const lost = capture.connect(client!, db!, 5432, 400);
      lost.exchange(410, 1);
      lost.close(500);
      const isLost: Removes = (event) =>
        event.kind === Kind.CLOSE &&
        event.u8(AT.CLOSE.role) === Role.SERVER &&
        event.u16(AT.CLOSE.sport) === 5432;
      fileOf(folder, 'x.dhr', thin(capture.bytes(), isLost).bytes);
      const { out } = run(folder, 'inspect', 'x.dhr');
      const lines = out.split('\n');
      expect(lines).toContain('ledger      does not balance for 1 of 2 ports');
      expect(lines.slice(lines.indexOf('') + 1, lines.indexOf('') + 5)).toEqual([
        'ledger   at start  + opened  - closed  = at end  balances',
        'db:5432         0         1         0         0  no: 1 vanished without a close',
        'api:80          0         3         2         1  yes',
        '',
      ]);
      const json = run(folder, 'inspect', '--json', 'x.dhr').out;
      const none = { atStart: 0, ownerless: 0, appeared: 0, clients: 0, listeners: 0 };
      const here = { netns: HOST_NETNS, ...none };
      expect((JSON.parse(json) as { ledger: unknown }).ledger).toEqual([
        { ...here, service: 'api', port: 80, opens: 3, closes: 2, atEnd: 1, vanished: 0 },
        { ...here, service: 'db', port: 5432, opens: 1, closes: 0, atEnd: 0, vanished: 1 },
      ]);
    }));

  it('tells the same as JSON, and the verdict of a cut', () =>
    withFolder((folder) => {
      fileOf(folder, 'cut.dhr.partial', CAPTURE.subarray(0, CAPTURE.length - 3));
      const { status, out } = run(folder, 'inspect', '--json', 'cut.dhr.partial');
      const told = JSON.parse(out) as Record<string, unknown>;
      expect(status).toBe(0);
      expect(told).toMatchObject({
        file: 'cut.dhr.partial',
        fileBytes: CAPTURE.length - 3,
        version: '1.0',
        events: { ACCEPT: 2 },
        eventsTotal: 2,
        firstEventNs: 250_000_000,
        lostTotal: 3,
        ledger: null,
        verdict: { state: 'torn', ended: false },
      });
    }));
});

describe('log', () => {
  it('prints events on stdout and what is wrong with the file on stderr', () =>
    withFolder((folder) => {
      const endBlock = 24 + Math.ceil(JSON.stringify(END).length / 8) * 8;
      fileOf(folder, 'x.dhr', CAPTURE.subarray(0, CAPTURE.length - endBlock));
      const line = '    0.250000  -  #0  accepted by process 0\n';
      expect(run(folder, 'log', 'x.dhr')).toEqual({
        status: 0,
        out: line + line,
        err: 'The recording was not ended cleanly, or still runs: there is no END block.\n',
      });
    }));

  it('follows a recording to its end', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const { status, out } = run(folder, 'log', '--follow', '--json', 'x.dhr');
      expect([status, out.trim().split('\n').length]).toEqual([0, 2]);
    }));

  it('ends quietly when its reader has seen enough', () =>
    withFolder((folder) => {
      const many = captureBytes((writer) => {
        const event = Buffer.alloc(LAYOUT.ACCEPT.size);
        event.writeUInt16LE(Kind.ACCEPT, LAYOUT.ACCEPT.fields.kind.offset);
        const record = ringRecord(event);
        writer.layout(currentLayout());
        writer.events(Buffer.concat(Array<Buffer>(50_000).fill(record)));
        writer.end(END);
      });
      fileOf(folder, 'x.dhr', many);
      const command = `"${process.execPath}" "${CLI}" log x.dhr | head -n 1`;
      const ran = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
      expect([ran.stdout.split('\n').length, ran.stderr]).toEqual([2, '']);
    }));
});

describe('record', () => {
  const system = { now: new Date('2026-01-02T03:04:05Z'), inodeOf: (path: string) => path.length };
  const options = (given: Partial<RecordArguments>): ReturnType<typeof toRecordOptions> =>
    toRecordOptions({ buffer: '1MiB', ...given }, ['k6', 'run'], system);

  it('turns what was typed into options', () => {
    expect(
      options({
        out: 'x.dhr',
        duration: '1.5s',
        maxSize: '2k',
        container: ['shop-*', 'a,b'],
        service: ['web,api'],
        port: ['80,443', '8080'],
        excludePort: ['22'],
        withArgs: true,
        netns: ['4026531840', '/run/netns/a'],
      }),
    ).toEqual({
      out: 'x.dhr',
      durationMs: 1500,
      maxBytes: 2048,
      ringBytes: 1 << 20,
      containers: ['shop-*', 'a', 'b'],
      services: ['web', 'api'],
      ports: [80, 443, 8080],
      excludePorts: [22],
      withArgs: true,
      netns: [4026531840, 12],
      command: ['k6', 'run'],
    });
  });

  it('keeps the newest part by time, by size, or by both, and refuses nonsense', () => {
    expect(options({ keep: ['10m'] }).keep).toEqual({ ms: 600_000 });
    expect(options({ keep: ['256MiB'] }).keep).toEqual({ bytes: 256 * 1024 * 1024 });
    expect(options({ keep: ['1h30m,1g'] }).keep).toEqual({ ms: 5_400_000, bytes: 1024 ** 3 });
    expect(options({ keep: ['16m', '64MiB'] }).keep).toEqual({ ms: 960_000, bytes: 64 << 20 });
    for (const [given, sentence] of [
      [{ keep: ['1m'], maxSize: '1g' }, '--keep and --max-size exclude each other'],
      [{ keep: ['1m', '2m'] }, '--keep is given two times.'],
      [{ keep: ['1GiB', '2GiB'] }, '--keep is given two sizes.'],
      [{ keep: ['9s'] }, '--keep "9s" is too little.'],
      [{ keep: ['1MiB'] }, '--keep "1MiB" is too little.'],
      [{ port: ['80'], excludePort: ['80'] }, 'Port 80 is asked for with --port and left out'],
      [{ excludePort: ['x'] }, '--exclude-port "x" is not a port.'],
      [{ keep: ['much'] }, '--keep "much" is not a size.'],
    ] as [Partial<RecordArguments>, string][]) {
      expect(() => options(given)).toThrow(sentence);
    }
  });

  it('names a capture by its time where nobody named it', () => {
    expect(options({}).out).toBe('dhrishti-20260102-030405.dhr');
  });

  it('tells how it goes, and how it went', () => {
    const status = {
      elapsedMs: 61_900,
      events: 1_234_567,
      eventsPerS: 9876.5,
      lost: 0,
      fileBytes: 4300,
    };
    expect(statusLine(status)).toBe('1m 01s  1,234,567 events  9,877/s  0 lost  4.2 KiB');
    const summary = {
      file: 'x.dhr',
      durationMs: 12_345,
      droppedMs: 0,
      events: 1,
      eventBytes: 64,
      lost: 2,
      fileBytes: 4300,
      commandStatus: null,
      containers: 3,
      notes: ['Containers: no engine answered.'],
    };
    expect(summaryText(summary).split('\n')).toEqual([
      'Recorded 12.3 s: 1 event, 2 events LOST: record again with a larger --buffer; 3 containers; 4.2 KiB in x.dhr',
      'Note: Containers: no engine answered.',
      'Next: dhrishti analyze x.dhr',
      '',
    ]);
  });
});

describe('analyze', () => {
  it('writes beside the capture', () => {
    const names = ['x.dhr', 'a/x.dhr.partial', 'x.bin'].map((name) => besideCapture(name, '.html'));
    expect(names).toEqual(['x.html', 'a/x.html', 'x.bin.html']);
  });

  it('takes its times in any unit', () => {
    expect(toSettings({ window: '1m', step: '500ms', staleAfter: '1h' })).toEqual({
      windowNs: 60e9,
      stepNs: 5e8,
      staleAfterNs: 3600e9,
      exchanges: false,
    });
  });

  it('takes one capture', () => {
    expect(onlyCapture(['x.dhr'])).toBe('x.dhr');
    expect(() => onlyCapture(['x.dhr', 'y.dhr'])).toThrow(DhrishtiError);
  });
});

describe('analyze, as a whole', () => {
  it('leaves a database and a page beside the capture, and tells where', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const { status, out, err } = run(folder, 'analyze', 'x.dhr');
      expect([status, out]).toEqual([0, 'x.html\n']);
      expect(err.split('\n')[0]).toBe(
        'Capture complete: 2 events, 3 lost, 0 connections, 0 edges.',
      );
      expect(err).toContain('Database: x.sqlite\n');
      expect(readdirSync(folder)).toEqual(['x.dhr', 'x.html', 'x.sqlite']);
    }));

  it('prints JSON alone with --json, and writes where it is told to', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const args = ['analyze', '--json', '--db', 'a.db', '--report', 'b.html', 'x.dhr'];
      const { status, out, err } = run(folder, ...args);
      expect([status, err]).toEqual([0, '']);
      expect(JSON.parse(out)).toMatchObject({
        db: 'a.db',
        report: 'b.html',
        capture: { file: 'x.dhr', verdict: 'complete', events: 2, lost: 3 },
        totals: { connections: 0, failures: 0 },
      });
      expect(readdirSync(folder)).toEqual(['a.db', 'b.html', 'x.dhr']);
    }));

  it('ends with 5 under --strict when events were lost, after all is written', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const { status, err } = run(folder, 'analyze', '--strict', 'x.dhr');
      expect(status).toBe(5);
      expect(err).toContain('dhrishti: The capture is complete and lost 3 events.\n');
      expect(readdirSync(folder)).toEqual(['x.dhr', 'x.html', 'x.sqlite']);
    }));

  it('analyzes a cut capture as far as it is whole', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr.partial', CAPTURE.subarray(0, CAPTURE.length - 3));
      const { status, out, err } = run(folder, 'analyze', 'x.dhr.partial');
      expect([status, out]).toEqual([0, 'x.html\n']);
      expect(err).toMatch(/^Capture torn at byte \d+: 2 events, 3 lost/);
    }));

  it('says at once that it may not write there', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const { status, err } = run(folder, 'analyze', '--db', 'no/x.sqlite', 'x.dhr');
      expect([status, err.replaceAll(realpathSync(folder), 'DIR')]).toEqual([
        1,
        'dhrishti: Cannot write no/x.sqlite: the folder DIR/no does not exist.\n' +
          'Name another file with --db.\n',
      ]);
    }));
});

describe('what is loaded', () => {
  /** Own files and packages that `file` loads before it is asked for anything, found by walking imports. */
  function loadedWith(file: string, seen = new Set<string>()): Set<string> {
    if (seen.has(file)) return seen;
    seen.add(file);
    if (!file.startsWith('src/')) return seen;
    const text = readFileSync(join(packageRoot, file), 'utf8');
    for (const [, from] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)) {
      const own = (from ?? '').startsWith('.');
      const path = posix.join(posix.dirname(file), from ?? '').replace(/\.js$/, '.ts');
      loadedWith(own ? path : (from ?? ''), seen);
    }
    return seen;
  }

  it('is neither recorder nor analyzer before a command asks for one', () => {
    const light = /^src\/(cli|base|capture)|^node:/;
    const heavy = (file: string): string[] =>
      [...loadedWith(file)].filter((path) => !light.test(path));
    expect(heavy('src/cli.ts')).toEqual(['commander']);
    expect(heavy('src/cli/analyze.ts')).toEqual([]);
    expect(heavy('src/cli/record.ts')).toEqual([]);
    expect([...loadedWith('src/analyze/analyze.ts')].filter((p) => p.includes('record/'))).toEqual(
      [],
    );
    expect([...loadedWith('src/record/recorder.ts')]).not.toContain('better-sqlite3');
  });
});

describe('words', () => {
  it('are counted, aligned and printable', () => {
    expect([count(1, 'event'), count(12_345, 'edge')]).toEqual(['1 event', '12,345 edges']);
    expect(
      table(
        [
          ['a', '1'],
          ['bcd', '22'],
        ],
        [1],
      ),
    ).toBe('a     1\nbcd  22\n');
    expect(printable('a\u001b[31mb\u009bc')).toBe('a\ufffd[31mb\ufffdc');
  });
});
