/**
 * Makes a fixture of a real capture: `node scripts/make-fixture.mjs IN.dhr OUT.dhr`. Every block is copied as
 * it is but HOST, where what names the machine it was recorded on gives way to what does not.
 */
import { existsSync, rmSync } from 'node:fs';
import { BlockKind } from '../dist/capture/blocks.js';
import { decodeJson } from '../dist/capture/bodies.js';
import { openCapture } from '../dist/capture/open.js';
import { CaptureWriter } from '../dist/capture/writer.js';

/** `6.18.44-some-build` without the build. */
const plainKernel = (release) => /^[\d.]+/.exec(release)[0];

const [input, output] = process.argv.slice(2);
if (input === undefined || output === undefined || !existsSync(input)) {
  console.error('usage: node scripts/make-fixture.mjs IN.dhr OUT.dhr');
  process.exitCode = 2;
} else {
  rmSync(`${output}.partial`, { force: true });
  const capture = openCapture(input);
  const writer = new CaptureWriter(output);
  for (const block of capture.reader) {
    if (block.kind === BlockKind.HOST) {
      const host = decodeJson('HOST', block.body);
      const kernel = plainKernel(host.kernel);
      writer.host({ ...host, hostname: 'demo', kernel, bootId: '', memoryBytes: 0 });
    } else {
      writer.writeBlock(block.kind, block.body);
    }
  }
  capture.close();
  writer.finish();
  const { name } = capture.reader.verdict();
  console.log(`${output}: ${writer.bytesWritten} bytes, ${name}`);
}
