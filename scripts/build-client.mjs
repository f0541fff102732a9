/** Bundles the page's script and style into dist/report/, each one file that html.ts puts inline. */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

await build({
  absWorkingDir: root,
  entryPoints: [
    { in: 'src/report/client/main.ts', out: 'client' },
    { in: 'src/report/client/theme.css', out: 'client' },
  ],
  outdir: 'dist/report',
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022', 'chrome110', 'firefox113', 'safari16.4'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
});
