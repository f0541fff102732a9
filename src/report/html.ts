/**
 * One self-contained HTML file: the data, the page's script and its style. A Content-Security-Policy
 * lets nothing run but that script and nothing load at all, so the file is safe to open from a ticket.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DhrishtiError } from '../base/errors.js';
import { builtFiles } from '../base/paths.js';
import type { Report } from './build.js';
import { escapedText } from './escape.js';

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E" +
  "%3Cpath d='M1 8s3-5 7-5 7 5 7 5-3 5-7 5-7-5-7-5z' fill='none' stroke='%233b5bb5' stroke-width='1.6'/%3E" +
  "%3Ccircle cx='8' cy='8' r='2.4' fill='%233b5bb5'/%3E%3C/svg%3E";

function bundle(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new DhrishtiError(
      'FAILED',
      `Cannot write the report: ${path}, a part of the page, cannot be read.`,
      'Run "npm run build", or install dhrishti again.',
      { cause },
    );
  }
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/**
 * The style of all pages.
 * @throws DhrishtiError FAILED where it was not built.
 */
export function bundledStyle(): string {
  return bundle(builtFiles.clientStyle);
}

/** A page's beginning up to its body: only its own style and script may run, and nothing is loaded. */
export function pageHead(page: { title: string; style: string; script: string | null }): string {
  const policy = [
    "default-src 'none'",
    ...(page.script === null ? [] : [`script-src ${hashOf(page.script)}`]),
    `style-src ${hashOf(page.style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapedText(page.title)}</title>
<link rel="icon" href="${ICON}">
<style>${page.style}</style>
</head>`;
}

/**
 * The page that shows a report, as the text of one HTML file.
 * @throws DhrishtiError FAILED where the page's script or style was not built.
 */
export function renderReport({ data, packed }: Report): string {
  const script = bundle(builtFiles.clientScript);
  const title = `${data.about.file} on ${data.about.host} · dhrishti`;
  return `${pageHead({ title, style: bundledStyle(), script })}
<body>
<noscript><p>This page draws its charts with a script that is part of this file. Allow scripts to see it.</p></noscript>
<main id="page"></main>
<script type="text/plain" id="data" data-digest="${escapedText(data.about.digest)}">${packed}</script>
<script>${script}</script>
</body>
</html>
`;
}
