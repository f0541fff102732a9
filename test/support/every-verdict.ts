/** A capture in which connections end in every way that has a verdict, many times each. */
import type { Actor, BuiltConnection } from './capture-builder.js';
import { CaptureBuilder } from './capture-builder.js';

const ROUNDS = 40;
/** Long enough that what nobody holds counts as stale. */
const DURATION_MS = 60_000;

/** gateway talks to auth, which listens on 8081. */
export function everyVerdict(): CaptureBuilder {
  const capture = new CaptureBuilder();
  capture.durationMs = DURATION_MS;
  const gateway = capture.container('gateway', '10.0.0.2');
  const auth = capture.container('auth', '10.0.0.3');
  const tool = capture.process('curl', '127.0.0.1', { comm: 'curl' });
  const daemon = capture.process('daemon', '127.0.0.1', { comm: 'daemon' });
  capture.listen(auth, 8081);
  capture.listen(daemon, 9000);
  for (let round = 0; round < ROUNDS; round++) {
    endings(capture, gateway, auth, 8081, 1000 * round + 100);
    capture
      .connect(tool, daemon, 9000, 1000 * round + 900)
      .exchange(1000 * round + 901, 1)
      .close(1000 * round + 904);
  }
  return capture;
}

/** One connection of each sort; none lives at the same moment as another begins. */
function endings(
  capture: CaptureBuilder,
  client: Actor,
  server: Actor,
  port: number,
  fromMs: number,
): void {
  let atMs = fromMs;
  const open = (over: { accepted?: boolean } = {}): BuiltConnection => {
    atMs += 20;
    return capture.connect(client, server, port, atMs, over);
  };
  open()
    .exchange(atMs + 1, 2)
    .exchange(atMs + 4, 2)
    .close(atMs + 10, 'client');
  open()
    .exchange(atMs + 1, 2)
    .close(atMs + 10, 'server');
  open()
    .exchange(atMs + 1, 2)
    .reset(atMs + 10, 'client', 7);
  open()
    .exchange(atMs + 1, 2)
    .reset(atMs + 10, 'server');
  open().close(atMs + 10, 'client');
  open()
    .end(atMs + 12, 'client', { err: 110 })
    .end(atMs + 12, 'server', { err: 110 });
  open()
    .exchange(atMs + 1, 2)
    .exchange(atMs + 5, 3);
  open({ accepted: false })
    .fin(atMs + 5, 'client', 'sent')
    .fin(atMs + 5.02, 'server', 'received')
    .end(atMs + 5.03, 'client', { flags: 8, old_state: 5 })
    .end(atMs + 15, 'server', { flags: 16, old_state: 8 });
  for (const errno of [111, 110, 113, 0]) {
    atMs += 20;
    capture.attempt(client, server.address, port, atMs, errno, 5, errno === 110 ? 2 : 0);
  }
}
