import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { StateStore } from '@slipway/platform';
import { type PlatformName, type Stage, setStage } from '../../demo/stage.ts';
import { openStore } from '../../test/support/open-store.ts';
import { type Call, dockerChange, kubectlChange } from './changes.ts';
import { makeShim, type Shim } from './gate.ts';
import { environment, Versions } from './release.ts';
import { containersOf, type ListReplicas, podsOf } from './replicas.ts';
import { composeUp, rolloutUndo, type Undo } from './undo.ts';
import { startUsers, type Users } from './users.ts';

/** A target on which runs are killed, with what is known of it from outside. */
export interface Site {
  stage: Stage;
  versions: Versions;
  store: StateStore;
  shim: Shim;
  /** What a call of the platform's program changes. */
  change(call: Call): string;
  users: Users;
  replicas: ListReplicas;
  /** Whether `latest` may name another release than the proven one, until the next promotion. */
  owesTags: boolean;
  undo: Undo;
  stop(): Promise<void>;
}

/** Shell patterns of what only reads. */
const dockerReads = [
  ...['ps', 'inspect', 'info', 'top', 'image', 'logs', 'version', '--version', 'network', 'buildx'].map(
    (command) => `' ${command} '*`,
  ),
  "' volume ls '*",
  "' run '*",
  // From a container, and not into one.
  "' cp '[!/]*",
  "*' cat /proc/'*",
  "*' config '*",
  "*' version '*",
  "*' nginx -T '",
  "*' nginx -v '",
].join(' | ');

const kubectlReads = [
  ...['get', 'version', 'logs', 'auth', 'config', 'describe', 'events', 'diff'].map(
    (verb) => `*' ${verb} '*`,
  ),
  "*'--dry-run'*",
].join(' | ');

const example = path.join(import.meta.dirname, 'app');

export async function openSite(platform: PlatformName, say: (line: string) => void): Promise<Site> {
  const stage = await setStage(say, platform, example);
  try {
    await stage.startProxy();
    const target = await openPlatform(stage);
    const users = startUsers([stage.api, stage.app]);
    const stop = async (): Promise<void> => {
      users.stop();
      await target.shim.remove();
      await stage.stop();
    };
    return { ...target, stage, versions: new Versions(stage), users, owesTags: false, stop };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

async function openPlatform(
  stage: Stage,
): Promise<Pick<Site, 'store' | 'shim' | 'change' | 'replicas' | 'undo'>> {
  const { project, engine } = stage;
  const own = { env: engine.env, app: 'docsense', environment };
  if (stage.platform === 'compose') {
    const shim = await makeShim('docker', dockerReads);
    const config = { files: ['docker-compose.prod.yml'], project };
    const store = await openStore({ target: { name: 'compose', config }, ...own });
    const undo = composeUp(stage);
    return { store, shim, undo, change: dockerChange, replicas: containersOf(stage) };
  }
  const shim = await makeShim('kubectl', kubectlReads);
  const kubeconfig = path.join(stage.dir, 'kubeconfig');
  await writeFile(kubeconfig, Buffer.from(stage.secrets.KUBE_CONFIG ?? '', 'base64'), { mode: 0o600 });
  const config = {
    namespace: project,
    manifests: ['k8s'],
    kubeconfig,
    'fail-fast': 'balanced' as const,
    lint: 'off' as const,
    'force-conflicts': false,
  };
  const store = await openStore({ target: { name: 'kubernetes', config }, ...own });
  const undo = rolloutUndo(kubeconfig, project);
  const replicas = podsOf(kubeconfig, project);
  return { store, shim, undo, change: kubectlChange, replicas };
}
