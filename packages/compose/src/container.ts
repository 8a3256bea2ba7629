import type { OutsideText } from '@slipway/kernel';
import * as z from 'zod';

/** The fields of `docker inspect` that a verdict needs. */
const inspectSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.number().default(0),
  State: z.object({
    Status: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
    ExitCode: z.number(),
    OOMKilled: z.boolean().default(false),
    Error: z.string().default(''),
    StartedAt: z.string().default(''),
    Health: z
      .object({
        Status: z.string(),
        Log: z
          .array(z.object({ ExitCode: z.number(), Output: z.string() }))
          .nullable()
          .default([]),
      })
      .nullish(),
  }),
  Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()).nullable().default({}) }),
  HostConfig: z.object({ NetworkMode: z.string().default('') }).default({ NetworkMode: '' }),
  Mounts: z.array(z.object({ Type: z.string(), Destination: z.string(), RW: z.boolean() })).default([]),
  NetworkSettings: z
    .object({
      Networks: z
        .record(
          z.string(),
          z.object({
            IPAddress: z.string(),
            GlobalIPv6Address: z.string().default(''),
            Gateway: z.string().default(''),
          }),
        )
        .nullable(),
    })
    .default({ Networks: {} }),
});

/** A mount of a container. */
interface Mount {
  path: string;
  /** `volume`, `bind`, `tmpfs` … */
  type: string;
  writable: boolean;
}

/** One container as the engine reports it. */
export interface Container {
  id: string;
  name: string;
  imageId: string;
  /** The reference it was created from. */
  image: string;
  release: string | null;
  status: z.infer<typeof inspectSchema>['State']['Status'];
  exitCode: number;
  oomKilled: boolean;
  /** Why it could not be started; empty when it could. */
  error: OutsideText;
  restarts: number;
  /** When it was started last; a restart changes it. */
  startedAt: string;
  networkMode: string;
  /** Its networks, with its address in each; the address is empty while it is down. */
  networks: Readonly<Record<string, string>>;
  /** Addresses of the host in these networks: what the host masquerades comes from there. */
  gateways: readonly string[];
  /** Paths on which something is mounted. */
  mounts: readonly Mount[];
  /** null when neither the image nor the Compose file has a health check. */
  health: 'starting' | 'healthy' | 'unhealthy' | null;
  /** What the last run of its health check printed. */
  lastProbe: OutsideText;
}

/** Reads the output of `docker inspect`. @throws ZodError for an answer of an unknown shape. */
export function parseContainers(inspected: OutsideText, releaseLabel: string): Container[] {
  return z
    .array(inspectSchema)
    .parse(JSON.parse(inspected.data))
    .map((raw) => ({
      id: raw.Id,
      name: raw.Name.replace(/^\//, ''),
      imageId: raw.Image,
      image: raw.Config.Image,
      release: raw.Config.Labels?.[releaseLabel] ?? null,
      status: raw.State.Status,
      exitCode: raw.State.ExitCode,
      oomKilled: raw.State.OOMKilled,
      error: inspected.part(raw.State.Error),
      restarts: raw.RestartCount,
      startedAt: raw.State.StartedAt,
      networkMode: raw.HostConfig.NetworkMode,
      networks: readNetworks(raw.NetworkSettings.Networks ?? {}),
      gateways: Object.values(raw.NetworkSettings.Networks ?? {}).flatMap(({ Gateway }) => Gateway || []),
      mounts: raw.Mounts.map(({ Type, Destination, RW }) => ({
        path: Destination,
        type: Type,
        writable: RW,
      })),
      health: readHealth(raw.State.Health?.Status),
      lastProbe: inspected.part(raw.State.Health?.Log?.at(-1)?.Output ?? ''),
    }));
}

function readNetworks(
  networks: Record<string, { IPAddress: string; GlobalIPv6Address: string }>,
): Record<string, string> {
  const each = Object.entries(networks).map(([name, { IPAddress: v4, GlobalIPv6Address: v6 }]) => {
    return [name, v4 || (v6 && `[${v6}]`)] as const;
  });
  return Object.fromEntries(each);
}

function readHealth(status: string | undefined): Container['health'] {
  if (status === undefined || status === 'none' || status === '') return null;
  return status === 'healthy' || status === 'unhealthy' ? status : 'starting';
}

/** The container with the crashes that it had since it was seen as `before`; all of them when it was not there. Pure. */
export function sinceSeen(container: Container, before: Container | undefined): Container {
  if (before === undefined) return container;
  const { restarts, oomKilled, startedAt } = container;
  // The engine counts from 0 again when somebody starts the container by hand.
  const counted = restarts >= before.restarts ? restarts - before.restarts : restarts;
  const isOld = before.oomKilled && startedAt === before.startedAt;
  return { ...container, restarts: counted, oomKilled: oomKilled && !isOld };
}

/** It runs; whether it answers is another question. */
export function isRunning({ status }: Container): boolean {
  return status === 'running';
}

/** Running, and healthy where there is a health check. */
export function isReady(container: Container): boolean {
  return isRunning(container) && (container.health === 'healthy' || container.health === null);
}
