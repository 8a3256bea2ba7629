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
});

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
      health: readHealth(raw.State.Health?.Status),
      lastProbe: inspected.part(raw.State.Health?.Log?.at(-1)?.Output ?? ''),
    }));
}

function readHealth(status: string | undefined): Container['health'] {
  if (status === undefined || status === 'none' || status === '') return null;
  return status === 'healthy' || status === 'unhealthy' ? status : 'starting';
}

/** Running, and healthy where there is a health check. */
export function serves(container: Container): boolean {
  return container.status === 'running' && (container.health === 'healthy' || container.health === null);
}
