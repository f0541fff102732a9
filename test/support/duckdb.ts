/** Sums up exported files with DuckDB, which shares no code with what wrote them. */
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import pl from 'nodejs-polars';

/** For each column: its type in a word, how many values there are, and their sum or how many differ. */
export type Sums = Record<string, { type: string; values: number; sum: number }>;

/**
 * DuckDB's npm package reads CSV, JSON Lines and Parquet by itself; its reader of Arrow is an extension that has to be
 * downloaded. So Polars, whose reader of Arrow is no kin of ours either, makes Parquet of an Arrow file first.
 */
const READ: Record<string, (path: string) => string> = {
  csv: (path) => `read_csv('${path}', header = true, sample_size = -1)`,
  jsonl: (path) => `read_json('${path}', format = 'newline_delimited', sample_size = -1)`,
  arrow: (path) => `read_parquet('${toParquet(path)}')`,
};

function toParquet(path: string): string {
  const parquet = `${path}.parquet`;
  pl.readIPC(readFileSync(path)).writeParquet(parquet);
  return parquet;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^(U?BIGINT|U?INTEGER|U?SMALLINT|U?TINYINT|HUGEINT)$/, 'whole'],
  [/^(DOUBLE|FLOAT|DECIMAL.*)$/, 'number'],
  [/^BOOLEAN$/, 'bool'],
];

const SUM: Record<string, (column: string) => string> = {
  whole: (column) => `coalesce(sum(${column}), 0)`,
  number: (column) => `coalesce(sum(${column}), 0)`,
  bool: (column) => `count(*) filter (${column})`,
  text: (column) => `count(distinct ${column})`,
};

/** The rows and sums of a file. */
export async function sumsOf(path: string, format: string): Promise<{ rows: number; sums: Sums }> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const ask = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJson();
  try {
    const from = READ[format]!(path);
    const columns = await ask(`DESCRIBE SELECT * FROM ${from}`);
    const sums: Sums = {};
    for (const { column_name, column_type } of columns) {
      const name = String(column_name);
      const type = KINDS.find(([known]) => known.test(String(column_type)))?.[1] ?? 'text';
      const column = `"${name}"`;
      const [row] = await ask(
        `SELECT count(${column}) AS n, CAST(${SUM[type]!(column)} AS VARCHAR) AS sum FROM ${from}`,
      );
      sums[name] = { type, values: Number(row!['n']), sum: Number(row!['sum']) };
    }
    const [count] = await ask(`SELECT count(*) AS n FROM ${from}`);
    return { rows: Number(count!['n']), sums };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
