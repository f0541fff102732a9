/**
 * Makes one JavaScript file of worker.ts and what it uses of test/; all of src/ comes from dist/, as it is
 * installed.
 */
import { build } from 'esbuild';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const fromDist = {
  name: 'from-dist',
  setup({ onResolve }) {
    onResolve({ filter: /\/src\/.*\.js$/ }, ({ path }) => ({
      path: join(root, 'dist', path.slice(path.lastIndexOf('/src/') + '/src/'.length)),
      external: true,
    }));
  },
};

/** Gives the path of the file, which lies where packages are found. */
export async function buildWorker() {
  const outfile = join(root, 'node_modules/.cache/dhrishti/fuzz-worker.mjs');
  await build({
    entryPoints: [join(root, 'test/fuzz/worker.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    plugins: [fromDist],
    logLevel: 'warning',
  });
  return outfile;
}
