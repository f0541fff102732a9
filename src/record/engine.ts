/**
 * The container engine (Docker, or Podman through the same interface): a list, then every change since that
 * list, then a list again at the end, so that nothing falls between. A machine without an engine is
 * recorded all the same, and the capture says so. An engine that goes away is asked again until it is back,
 * and the capture says from when until when it was silent.
 */
import { existsSync } from 'node:fs';
import type Docker from 'dockerode';
import type { ContainerBody, WorkloadsBody } from '../capture/blocks.js';
import { describeContainer, fromEvent, type EngineEvent } from './containers.js';

/** Where engines listen, unless DOCKER_HOST says otherwise. */
const SOCKETS = ['/var/run/docker.sock', '/run/podman/podman.sock'];

/** The socket of an engine on this machine; undefined where there is none. */
export function engineSocket(): string | undefined {
  return SOCKETS.find((path) => existsSync(path));
}

/** Changes that say something about names, owners or addresses. */
const ACTIONS = new Set([
  'create',
  'start',
  'die',
  'destroy',
  'rename',
  'pause',
  'unpause',
  'connect',
  'disconnect',
]);

/** An engine that does not answer must not keep a recording from starting or ending. */
const ANSWER_WITHIN_MS = 3_000;

/** Pauses between attempts to reach an engine that is silent: from this, doubled each time, to that. */
const RETRY_FROM_MS = 250;
const RETRY_TO_MS = 4_000;

/** Who wants to hear from the engine. */
export interface EngineListener {
  /** A container was created and will start: called before it does, and before anything is asked. */
  onCreate: (id: string, name: string, labels: Record<string, string>) => void;
  /** A piece of news; the time in it is CLOCK_MONOTONIC. */
  onNews: (body: WorkloadsBody) => void;
}

const now = (): string => String(process.hrtime.bigint());

/** The engine's wall time on our clock. Its numbers are exact to a quarter of a microsecond. */
function monotonicOf(wallNs: number | undefined): string {
  if (wallNs === undefined) return now();
  const offset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  return String(BigInt(Math.round(wallNs)) - offset);
}

function withinTime<T>(answer: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} got no answer in ${String(ANSWER_WITHIN_MS / 1000)} s`));
    }, ANSWER_WITHIN_MS);
  });
  return Promise.race([answer, late]).finally(() => {
    clearTimeout(timer);
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A client of the engine that DOCKER_HOST names, or else of the first that listens. */
async function findEngine(): Promise<Docker> {
  const { default: DockerClient } = await import('dockerode');
  if (process.env['DOCKER_HOST'] !== undefined) return new DockerClient();
  const socketPath = engineSocket();
  if (socketPath === undefined) {
    throw new Error(`no container engine listens on ${SOCKETS.join(' or ')}`);
  }
  return new DockerClient({ socketPath });
}

/** The engine's news, one JSON text a line, until destroyed. */
type Changes = NodeJS.ReadableStream & { destroy: () => void };

/** Watches the engine from `start` to `stop`. Never throws: silence is a piece of news too. */
export class Engine {
  readonly #listener: EngineListener;
  /** Last description of each container, for those that are gone before they can be asked about. */
  readonly #known = new Map<string, ContainerBody>();
  /** The engine while it answers, else null. */
  #docker: Docker | null = null;
  #stream: Changes | null = null;
  #stopped = false;
  #silence: string | null = null;
  #retry: NodeJS.Timeout | undefined;
  /** Changes since then are of interest: seconds since 1970. */
  #since = 0;
  /** News is told in the order in which it came, although asking takes time. */
  #queue: Promise<void> = Promise.resolve();

  constructor(listener: EngineListener) {
    this.#listener = listener;
  }

  /** Containers as last described. */
  get containers(): ContainerBody[] {
    return [...this.#known.values()];
  }

  /** Why the engine does not answer now; null while it does. */
  get silence(): string | null {
    return this.#silence;
  }

  /** Lists all containers and begins to listen for changes since the list. */
  async start(): Promise<void> {
    this.#since = Math.floor(Date.now() / 1000);
    try {
      await this.#connect();
    } catch (error) {
      const reason = (this.#silence = reasonOf(error));
      this.#listener.onNews({ at: now(), what: 'list', containers: [], reason });
      this.#tryAgain(RETRY_FROM_MS);
    }
  }

  async #connect(): Promise<void> {
    const docker = await findEngine();
    await this.#list(docker);
    await this.#listen(docker, this.#since);
  }

  #tryAgain(afterMs: number): void {
    if (this.#stopped) return;
    this.#retry = setTimeout(() => {
      // What is being told goes first; the recording waits for all of it at its end.
      this.#queue = this.#queue.then(async () => {
        if (this.#stopped) return;
        try {
          await this.#connect();
        } catch {
          this.#tryAgain(Math.min(2 * afterMs, RETRY_TO_MS));
        }
      });
    }, afterMs);
  }

  /** Stops listening at once, for a recording that failed. */
  leave(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#stream?.destroy();
  }

  /** Stops listening, finishes what is being asked, and lists once more. */
  async stop(): Promise<void> {
    this.leave();
    await this.#queue;
    if (this.#docker === null) return;
    try {
      await this.#list(this.#docker);
    } catch (error) {
      this.#gap(error);
    }
  }

  #gap(error: unknown): void {
    const reason = (this.#silence = reasonOf(error));
    this.#listener.onNews({ at: now(), what: 'gap', containers: [], reason });
  }

  async #list(docker: Docker): Promise<void> {
    const listed = await withinTime(docker.listContainers({ all: true }), 'the list of containers');
    const described = await Promise.all(listed.map((c) => this.#inspect(docker, c.Id)));
    const containers = described.filter((c) => c !== null);
    const listedIds = new Set(listed.map((c) => c.Id));
    for (const id of this.#known.keys()) if (!listedIds.has(id)) this.#known.delete(id);
    this.#silence = null;
    this.#listener.onNews({ at: now(), what: 'list', containers });
  }

  /** Asks about one container; null where it is gone. A stopped one keeps what it had while it ran. */
  async #inspect(docker: Docker, id: string): Promise<ContainerBody | null> {
    let body: ContainerBody;
    try {
      body = describeContainer(
        await withinTime(docker.getContainer(id).inspect(), `container ${id.slice(0, 12)}`),
      );
    } catch {
      return this.#known.get(id) ?? null;
    }
    const before = this.#known.get(id);
    if (before && body.pid === 0) {
      body = { ...body, netns: before.netns, cgroup: before.cgroup, networks: before.networks };
    }
    this.#known.set(id, body);
    return body;
  }

  async #listen(docker: Docker, since: number): Promise<void> {
    // As the engine takes it; the typings know `type` as one word only.
    const filters = JSON.stringify({ type: ['container', 'network'] });
    const changes = withinTime(docker.getEvents({ since, filters }), 'the list of changes');
    // An HTTP response: the typings name only the interface that it shares with older streams.
    const stream = (await changes) as Changes;
    this.#stream = stream;
    this.#docker = docker;
    if (this.#stopped) stream.destroy();
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#enqueue(docker, line);
    });
    let over = false;
    const ended = (): void => {
      if (over || this.#stopped) return;
      over = true;
      this.#docker = null;
      this.#since = Math.floor(Date.now() / 1000);
      this.#gap(new Error('the container engine went away'));
      this.#tryAgain(RETRY_FROM_MS);
    };
    stream.on('error', ended);
    stream.on('end', ended);
    stream.on('close', ended);
  }

  #enqueue(docker: Docker, line: string): void {
    if (line.trim() === '') return;
    let event: EngineEvent;
    try {
      event = JSON.parse(line) as EngineEvent;
    } catch (error) {
      this.#gap(error);
      return;
    }
    const action = event.Action ?? '';
    const id = event.Type === 'network' ? event.Actor?.Attributes?.['container'] : event.Actor?.ID;
    if (id === undefined || !ACTIONS.has(action)) return;
    const { name, ...labels } = event.Actor?.Attributes ?? {};
    if (action === 'create' && name !== undefined) this.#listener.onCreate(id, name, labels);
    const at = monotonicOf(event.timeNano);
    this.#queue = this.#queue.then(async () => {
      const asked = await this.#inspect(docker, id);
      // A network's event knows no name of a container.
      if (asked === null && event.Type === 'network') return;
      const body = asked ?? fromEvent(event, id);
      this.#listener.onNews({ at, what: 'change', action, containers: [body] });
      // A recording may go on for days: what is gone for good is not remembered.
      if (action === 'destroy') this.#known.delete(id);
    });
  }
}
