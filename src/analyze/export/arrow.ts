/**
 * Arrow's IPC file format. Words are dictionary-encoded; each dictionary is written once and whole before
 * the first rows, because not every reader of files takes one that grows.
 */
import {
  Bool,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Message,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Utf8,
  makeData,
  vectorFromArray,
} from 'apache-arrow';
import type { Data, DataType, Vector } from 'apache-arrow';
import type { Column } from './column.js';
import type { Row, Source, Value } from './source.js';
import type { Table } from './tables.js';

interface Words {
  readonly type: Dictionary<Utf8, Int32>;
  readonly vector: Vector<Utf8>;
  /** Place of each word in the dictionary. */
  readonly index: ReadonlyMap<string, number>;
}

/**
 * The library leaves out the schema at the beginning of a file, which the format has: it repeats the one at
 * the end for whoever reads the file from front to back.
 */
class FileWriter extends RecordBatchFileWriter {
  protected override _writeSchema(schema: Schema): this {
    super._writeSchema(schema);
    return this._writeMessage(Message.from(schema));
  }
}

/** Writes one table; `put` takes the file's bytes piece by piece. */
export async function writeArrow(
  source: Source,
  table: Table,
  facts: ReadonlyMap<string, string>,
  put: (bytes: Uint8Array) => void,
): Promise<number> {
  const words = table.columns.map((column, i) =>
    column.type === 'text' ? wordsOf(source.words(column), i) : null,
  );
  const fields = table.columns.map((column, i) => fieldOf(column, words[i] ?? null));
  const schema = new Schema(fields, new Map([...facts, ['table', table.name]]));
  const writer = new FileWriter();
  writer.reset(undefined, schema);
  const taken = takeAll(writer, put);
  let count = 0;
  for (const rows of source.batches(table)) {
    const children = table.columns.map((column, i) =>
      columnData(column, rows, i, words[i] ?? null),
    );
    const type = new Struct(fields);
    writer.write(
      new RecordBatch(schema, makeData({ type, length: rows.length, nullCount: 0, children })),
    );
    count += rows.length;
    // The writer queues what it is given without bound: its bytes go out before the next batch is read.
    await Promise.race([taken, turnOfTheLoop()]);
  }
  writer.finish();
  await taken;
  return count;
}

async function takeAll(writer: FileWriter, put: (bytes: Uint8Array) => void): Promise<void> {
  for await (const bytes of writer as AsyncIterable<Uint8Array>) put(bytes);
}

/** Resolves when all that waits for promises alone has run. */
function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function wordsOf(words: string[], id: number): Words {
  return {
    type: new Dictionary(new Utf8(), new Int32(), id),
    vector: vectorFromArray(words, new Utf8()),
    index: new Map(words.map((word, i) => [word, i])),
  };
}

function fieldOf(column: Column, words: Words | null): Field {
  const about = new Map([
    ['unit', column.unit],
    ['meaning', column.meaning],
  ]);
  return new Field(column.name, words?.type ?? plainType(column), true, about);
}

function plainType({ type }: Column): DataType {
  switch (type) {
    case 'int64':
      return new Int64();
    case 'int32':
      return new Int32();
    case 'float64':
      return new Float64();
    case 'bool':
      return new Bool();
    case 'text':
      return new Utf8();
  }
}

/** One column of a batch: a bit a row that says whether there is a value, and the values. */
function columnData(column: Column, rows: readonly Row[], i: number, words: Words | null): Data {
  const length = rows.length;
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  const each = (set: (value: Exclude<Value, null>, row: number) => void): void => {
    for (let row = 0; row < length; row++) {
      const value = rows[row]![i] ?? null;
      if (value === null) {
        nullCount++;
        continue;
      }
      nullBitmap[row >> 3]! |= 1 << (row & 7);
      set(value, row);
    }
  };
  switch (column.type) {
    case 'int64': {
      const data = new BigInt64Array(length);
      each((value, row) => (data[row] = BigInt(value)));
      return makeData({ type: new Int64(), length, nullCount, nullBitmap, data });
    }
    case 'int32': {
      const data = new Int32Array(length);
      each((value, row) => (data[row] = Number(value)));
      return makeData({ type: new Int32(), length, nullCount, nullBitmap, data });
    }
    case 'float64': {
      const data = new Float64Array(length);
      each((value, row) => (data[row] = Number(value)));
      return makeData({ type: new Float64(), length, nullCount, nullBitmap, data });
    }
    case 'bool': {
      const data = new Uint8Array(Math.ceil(length / 8));
      each((value, row) => {
        if (value !== 0) data[row >> 3]! |= 1 << (row & 7);
      });
      return makeData({ type: new Bool(), length, nullCount, nullBitmap, data });
    }
    case 'text': {
      const { type, vector: dictionary, index } = words!;
      const data = new Int32Array(length);
      each((value, row) => (data[row] = index.get(String(value))!));
      return makeData({ type, length, nullCount, nullBitmap, data, dictionary });
    }
  }
}
