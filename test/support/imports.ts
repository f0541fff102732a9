/** What the sources import, read with the TypeScript compiler's own parser. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** One import, export-from or `import()` of one file. */
export interface Import {
  /** Path from the repository's root, with forward slashes. */
  from: string;
  line: number;
  /** A path like `from` for our own files, else the package or `node:` module. */
  to: string;
  typeOnly: boolean;
}

/** One use of a global that prints, exits, tells the time or draws a random number. */
export interface GlobalUse {
  file: string;
  line: number;
  /** For example `process.exit`, `console`, `Date.now`. */
  name: string;
}

const WATCHED_MEMBERS = new Set([
  'process.exit',
  'process.exitCode',
  'process.stdout',
  'process.stderr',
  'process.hrtime',
  'performance.now',
  'Date.now',
  'Math.random',
]);

/** All files below `folder` whose name ends in one of `endings`, sorted, relative to `root`. */
export function filesBelow(root: string, folder: string, endings: readonly string[]): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => `${folder}/${name}`)
    .sort();
}

/** The imports and the watched globals of one TypeScript file. */
export function inspectSource(
  root: string,
  file: string,
): { imports: Import[]; globals: GlobalUse[] } {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const lineOf = (node: ts.Node): number =>
    source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const imports: Import[] = [];
  const globals: GlobalUse[] = [];

  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    imports.push({ from: file, line: lineOf(node), to: resolve(file, specifier.text), typeOnly });
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, isTypeOnly(node.importClause));
    } else if (ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, true);
    } else if (ts.isCallExpression(node) && loads(node.expression)) {
      add(node, node.arguments[0], false);
    } else if (ts.isPropertyAccessExpression(node)) {
      const name = node.getText();
      if (WATCHED_MEMBERS.has(name)) globals.push({ file, line: lineOf(node), name });
      if (node.expression.getText() === 'console') {
        globals.push({ file, line: lineOf(node), name: 'console' });
      }
    } else if (ts.isNewExpression(node) && node.getText() === 'new Date()') {
      globals.push({ file, line: lineOf(node), name: 'new Date()' });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { imports, globals };
}

/** The files that a C file includes: `"own.h"` by name, `<bpf/…>` with its brackets. */
export function includesOf(root: string, file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^\s*#\s*include\s+(["<][^">]+[">])/gm)].map((match) =>
    match[1]!.replaceAll('"', ''),
  );
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

/** `import(…)` and `require(…)`. */
function loads(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(callee) && callee.text === 'require')
  );
}

function resolve(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return normalize(join(dirname(file), specifier)).replace(/\.js$/, '.ts');
}
