/** `log --failed` keeps all events of the connections that the report calls failed, of both ends, and no others. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failedSockets } from '../../src/analyze/failed.js';
import { EventLog } from '../../src/analyze/log.js';
import { CaptureReader } from '../../src/capture/reader.js';
import { wanted } from '../../src/cli/log.js';
import { CaptureBuilder } from '../support/capture-builder.js';
import { chunked, withFolder } from '../support/capture.js';

describe('log --failed', () => {
  it('tells what led to each failure from its first event on', () => {
    const capture = new CaptureBuilder();
    const gateway = capture.container('gateway', '10.0.0.2');
    const auth = capture.container('auth', '10.0.0.3');
    capture.listen(auth, 8081);
    capture.connect(gateway, auth, 8081, 100).exchange(101, 2).close(110);
    const reset = capture.connect(gateway, auth, 8081, 200).exchange(201, 2).reset(210, 'server');
    capture.attempt(gateway, auth.address, 8082, 300, 111);
    capture.attempt(gateway, auth.address, 8081, 400, 0, 500);
    const bytes = capture.bytes();
    const failed = withFolder((folder) => {
      const path = join(folder, 'x.dhr');
      capture.write(path);
      return failedSockets(path);
    });
    const log = new EventLog(failed);
    const entries = Array.from(new CaptureReader(chunked(bytes, [64]), { name: 'x' })).flatMap(
      (block) => Array.from(log.take(block)),
    );
    const told = entries.filter((entry) => wanted(entry, { failed: true }));
    const of = (cookie: number): string[] =>
      told.filter(({ socket }) => socket === cookie).map(({ event }) => event);
    expect(of(reset.clientCookie)).toEqual([
      'CONNECT',
      'ESTABLISHED',
      'EXCHANGE',
      'RESET',
      'CLOSE',
    ]);
    expect(of(reset.serverCookie)).toEqual(['ESTABLISHED', 'ACCEPT', 'EXCHANGE', 'CLOSE', 'RESET']);
    const others = told.filter(
      ({ socket }) => socket !== reset.clientCookie && socket !== reset.serverCookie,
    );
    expect(others.map(({ event, text }) => `${event}: ${text}`)).toEqual([
      'CONNECT: connects',
      'CLOSE: closed from SYN_SENT, ECONNREFUSED, 0 B sent, 0 B received',
    ]);
  });
});
