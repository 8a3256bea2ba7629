import type { BaseImages, Engine, Postgres, Registry } from '@slipway/test-services';
import type { TargetState } from '../target-state.ts';

/** One place where the example runs: with its own addresses and its own database. */
export interface Site {
  /** Addresses at which users reach it. */
  api: string;
  app: string;
  /** Its name on the platform: a Compose project, or a namespace. */
  project: string;
  databaseUrl: string;
  /** Settings and secrets of the environment that is this place. */
  settings: Record<string, string>;
  secrets: Record<string, string>;
  /** Lets what is in front of the application run; it is there before Slipway. */
  startProxy(): Promise<void>;
  observe(): Promise<TargetState>;
}

/** What all places of a stage share. */
export interface Parts {
  registry: Registry;
  postgres: Postgres;
  engine: Engine;
  images: BaseImages;
  /** Image that holds the backend's node_modules. */
  dependencies: string;
  /** Address of this machine for what runs on the platform; this machine reaches itself by it as well. */
  hostAddress: string;
  /** Folder of the stage: repository, backups, workspaces. */
  dir: string;
  repositoryDir: string;
  /** What to do at the end, last first. */
  stops: (() => Promise<void>)[];
}

/** A platform to release the example to. */
export interface Venue {
  /** Builds the images, and what it holds the platform can run. */
  engine: Engine;
  hostAddress: string;
  /** Configuration and caller of the example for this platform, as paths in its repository. */
  config: string;
  workflow: string;
  makeSite(parts: Parts, name: string): Promise<Site>;
  /** Makes a fresh copy of the example fit for its place, so that several can be on one platform. */
  adapt(dir: string, site: Site): Promise<void>;
  stop(): Promise<void>;
}
