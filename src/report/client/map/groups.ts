/**
 * Which services stand together when there are too many to draw one by one: by project, by image, by the
 * beginning of their names. A tree, so that an opened group shows smaller ones. Pure; only the data decides.
 */
import type { ServiceView } from '../../data.js';

export interface Group {
  /** Its place in the tree's order: the same for the same data, so that an address can name it. */
  key: number;
  label: string;
  /** What its members have in common, in words. */
  by: 'project' | 'image' | 'name' | 'outside' | 'unknown';
  /** Indexes of all services in it, ascending. */
  services: number[];
  children: (Group | number)[];
}

/** Up to so many services each has a box of its own. */
export const MOST_SINGLE = 40;
/** A group of so many is opened in one go. */
const LEAF = 30;
/** Fewer boxes than this say nothing: the largest groups are opened from the start, and those that are too large. */
const FEWEST_BOXES = 4;

/** A service as the tree sees it. */
export type Member = Pick<ServiceView, 'name' | 'kind' | 'project' | 'images'>;

interface Parts {
  by: Group['by'];
  parts: Map<string, number[]>;
}

function partition(members: readonly number[], keyOf: (member: number) => string) {
  const parts = new Map<string, number[]>();
  for (const member of members) {
    const key = keyOf(member);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [member]);
    else part.push(member);
  }
  return parts;
}

/** The longest beginning that all names share. */
function commonStart(names: readonly string[]): string {
  const first = names[0] ?? '';
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

/** The image without registry, owner, tag and digest. */
function imageName(image: string | undefined): string {
  return (image ?? '')
    .replace(/@.*$/, '')
    .replace(/:[^/:]*$/, '')
    .replace(/^.*\//, '');
}

/** The first way to part `members` that says something: some parts, and fewer than members. */
function split(services: readonly Member[], members: readonly number[]): Parts {
  const of = (member: number): Member | undefined => services[member];
  const nameOf = (member: number): string => of(member)?.name ?? '';
  const start = commonStart(members.map(nameOf));
  const ways: [Group['by'], (member: number) => string][] = [
    ['project', (member) => of(member)?.project ?? ''],
    ['image', (member) => imageName(of(member)?.images[0])],
    // To the end of the word after the common beginning, else one letter more.
    [
      'name',
      (member) => /^.[^-_./:]*[-_./:]?/u.exec(nameOf(member).slice(start.length))?.[0] ?? '',
    ],
    ['name', (member) => Array.from(nameOf(member).slice(start.length))[0] ?? ''],
  ];
  for (const [by, keyOf] of ways) {
    const parts = partition(members, keyOf);
    const most = by === 'project' ? members.length - 1 : members.length * 0.6;
    if (parts.size < 2 || parts.size > most) continue;
    if (by !== 'name') return { by, parts };
    return { by, parts: new Map([...parts].map(([key, part]) => [`${start}${key}`, part])) };
  }
  // Nothing in common at all: runs in the order of their names.
  const runs = new Map<string, number[]>();
  for (let i = 0; i < members.length; i += LEAF) {
    const run = members.slice(i, i + LEAF);
    const key = `${nameOf(run[0] ?? 0)} – ${nameOf(run.at(-1) ?? 0)}`;
    // Names that were cut may be equal.
    runs.set(runs.has(key) ? `${key} (${i})` : key, run);
  }
  return { by: 'name', parts: runs };
}

const NO_WORD = { project: 'no project', image: 'no image' };

function labelOf(
  by: Group['by'],
  key: string,
  part: readonly number[],
  services: readonly Member[],
) {
  if (by === 'project' || by === 'image') return key === '' ? NO_WORD[by] : key;
  if (key.includes(' – ')) return key;
  return `${commonStart(part.map((member) => services[member]?.name ?? '')) || key}…`;
}

/**
 * The tree over `members` (indexes of `services`). Addresses outside always stand together, those that
 * only call apart from those that are called.
 * @param called whether somebody calls the service.
 */
export function groupTree(
  services: readonly Member[],
  members: readonly number[],
  called: (service: number) => boolean,
): Group {
  let keys = 0;
  const make = (label: string, by: Group['by'], inside: number[], deep: boolean): Group => {
    const group: Group = { key: keys++, label, by, services: inside, children: inside };
    if (!deep || inside.length <= LEAF) return group;
    const { by: way, parts } = split(services, inside);
    group.children = [...parts].map(([key, part]) =>
      part.length === 1
        ? part[0]!
        : make(labelOf(way, key, part, services), way, part, part.length < inside.length),
    );
    return group;
  };
  const kindOf = (member: number) => services[member]?.kind;
  const outside = members.filter((member) => kindOf(member) === 'external');
  const unknown = members.filter((member) => kindOf(member) === 'unknown');
  const own = members.filter((m) => kindOf(m) !== 'external' && kindOf(m) !== 'unknown');
  const root = make('', 'name', own, own.length > MOST_SINGLE);
  const folded = [
    make('outside, called', 'outside', outside.filter(called), true),
    make(
      'outside, calling',
      'outside',
      outside.filter((member) => !called(member)),
      true,
    ),
    make('unknown', 'unknown', unknown, true),
  ];
  const rest = folded.flatMap((group): (Group | number)[] =>
    group.services.length < 2 ? group.services : [group],
  );
  return { ...root, services: [...members], children: [...root.children, ...rest] };
}

/** What stands on the map: the tree's first boxes, and what is inside the opened groups. */
export function boxesOf(root: Group, opened: readonly number[]): (Group | number)[] {
  let boxes = root.children;
  const open = (group: Group): void => {
    boxes = boxes.flatMap((box) => (box === group ? group.children : [box]));
  };
  const groups = (): Group[] => boxes.filter((box) => typeof box !== 'number');
  for (;;) {
    const [largest] = groups()
      .filter(({ by, services }) => by !== 'outside' && by !== 'unknown' && services.length > LEAF)
      .sort((a, b) => b.services.length - a.services.length || a.key - b.key);
    if (largest === undefined) break;
    if (boxes.length >= FEWEST_BOXES && largest.services.length <= MOST_SINGLE) break;
    open(largest);
  }
  for (;;) {
    const next = groups().find(({ key }) => opened.includes(key));
    if (next === undefined) return boxes;
    open(next);
  }
}

/** Every group of the tree by its key. */
export function groupsByKey(root: Group): Map<number, Group> {
  const all = new Map<number, Group>();
  const walk = (group: Group): void => {
    all.set(group.key, group);
    for (const child of group.children) if (typeof child !== 'number') walk(child);
  };
  walk(root);
  return all;
}
