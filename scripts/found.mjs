/** Prints the first findings of an analysis, one a line: `node found.mjs FILE.sqlite COUNT`. */
import Database from 'better-sqlite3';

const [file, count] = process.argv.slice(2);
if (file === undefined || count === undefined)
  throw new Error('found.mjs needs a file and a count');

const db = new Database(file, { readonly: true, fileMustExist: true });
const findings = db
  .prepare('select sentence from finding order by rank limit ?')
  .all(Number(count));
for (const { sentence } of findings) console.log(`  - ${sentence}`);
if (findings.length === 0) console.log('  - nothing is wrong');
