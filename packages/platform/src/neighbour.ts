import * as z from 'zod';

/** A release of another state on the same target. */
export interface NeighbourRelease {
  id: string;
  /** Names of its services. */
  services: readonly string[];
}

/** Whose state it is. */
export type StateOwner = z.infer<typeof ownerSchema>;

/** The state of another application or environment where its replicas may be those of this one. */
export interface Neighbour {
  owner: StateOwner;
  /** As its register holds it. */
  text: string;
  /** A command line that deletes it, for people. */
  removal: string;
  /** Those of the services whose replicas the release runs as its own. */
  sharedWith(services: readonly string[], release: NeighbourRelease): Promise<string[]>;
}

/** What names the replicas on a target: what has the same scope and the same names has the same replicas. */
export interface ReplicaScope {
  /** In words, such as `Compose project "shop"`. */
  title: string;
  /** The key of the configuration that sets it. */
  key: string;
}

const ownerSchema = z.object({ app: z.string(), environment: z.string() });

/** Whose state a text is; null when it is none. */
export function ownerOf(text: string): StateOwner | null {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
