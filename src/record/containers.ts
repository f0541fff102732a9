/** What the container engine says of a container, in the words of a capture. */
import type Docker from 'dockerode';
import type { ContainerBody } from '../capture/blocks.js';
import { cgroupOfProcess, netnsOfProcess } from './cgroups.js';

/** One engine's message about a container or a network, as far as it is of use. */
export interface EngineEvent {
  Type?: string;
  Action?: string;
  /** Wall time, nanoseconds since 1970. */
  timeNano?: number;
  Actor?: { ID?: string; Attributes?: Record<string, string> };
}

const STATES = ['running', 'exited', 'paused', 'created'] as const;

/** A container that could be asked about. */
export function describeContainer(info: Docker.ContainerInspectInfo): ContainerBody {
  const networks = Object.entries(info.NetworkSettings.Networks).map(([name, network]) => ({
    name,
    addresses: [network.IPAddress, network.GlobalIPv6Address].filter((a) => a !== ''),
  }));
  const ports = Object.entries(info.NetworkSettings.Ports).flatMap(([port, bindings]) =>
    ((bindings as { HostPort: string }[] | null) ?? []).map((binding) => ({
      hostPort: Number.parseInt(binding.HostPort, 10),
      containerPort: Number.parseInt(port, 10),
    })),
  );
  const pid = info.State.Pid;
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    image: info.Config.Image,
    labels: info.Config.Labels,
    pid,
    cgroup: cgroupOfProcess(pid),
    netns: pid > 0 ? netnsOfProcess(pid) : 0,
    hostNetwork: info.HostConfig.NetworkMode === 'host',
    networks,
    ports,
    state: STATES.find((s) => s === info.State.Status) ?? 'other',
  };
}

/** A container that was gone before it could be asked about: its name, image and labels are in the event. */
export function fromEvent(event: EngineEvent, id: string): ContainerBody {
  const { name = id.slice(0, 12), image = '', ...labels } = event.Actor?.Attributes ?? {};
  return {
    id,
    name,
    image,
    labels,
    pid: 0,
    cgroup: '0',
    netns: 0,
    hostNetwork: false,
    networks: [],
    ports: [],
    state: 'exited',
  };
}
