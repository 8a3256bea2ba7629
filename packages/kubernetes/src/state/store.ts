import { Fault, UserError } from '@slipway/kernel';
import { packText, type Register, type StateOwner, type StateStore, storeName } from '@slipway/platform';
import * as z from 'zod';
import { marks } from '../marks.ts';
import type { KubernetesTarget } from '../target.ts';
import { Documents, packedKey, packedText } from './documents.ts';
import { ObjectRegister } from './object-register.ts';
import { reach } from './reach.ts';

/** All annotations of an object together may have 256 KiB. */
const maxLeaseLength = 100_000;

const leaseSchema = z.object({
  metadata: z.object({ annotations: z.object({ [marks.lease]: z.string() }) }),
});

/** The name of everything that the namespace keeps of an application in an environment. */
export function namespaceStoreName({ app, environment }: StateOwner): string {
  return storeName([app, environment]);
}

/** The state of an application in an environment, in the namespace: a ConfigMap and a Lease. */
export function openStore(target: KubernetesTarget): StateStore {
  const name = namespaceStoreName(target.scope);
  const documents = new Documents(target.kubectl, name);
  return {
    state: openState(target, name),
    lease: openLease(target, name),
    now: () => reach(target, () => readClock(target)),
    saveDocument: (release, title, text) => reach(target, () => documents.save(release, title, text)),
    readDocument: (release, title) => reach(target, () => documents.read(release, title)),
    pruneDocuments: (keep) => reach(target, () => documents.prune(new Set(keep))),
  };
}

function openState(target: KubernetesTarget, name: string): Register {
  const { app, environment } = target.scope;
  const what = `the state of ${app} in ${environment}`;
  return new ObjectRegister(target, {
    what,
    apiVersion: 'v1',
    kind: 'ConfigMap',
    resource: 'configmaps',
    name,
    labels: { [marks.store]: name },
    write: (text, summary) => ({
      annotations: { [marks.summary]: summary },
      fields: { binaryData: { [packedKey]: packText(what, text) } },
    }),
    read: (object) => packedText(what, object),
  });
}

/** The holder of the lease is shown by `kubectl get lease`. */
function openLease(target: KubernetesTarget, name: string): Register {
  const { app, environment } = target.scope;
  const what = `the lease of ${app} in ${environment}`;
  return new ObjectRegister(target, {
    what,
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    resource: 'leases.coordination.k8s.io',
    name,
    labels: { [marks.store]: name },
    write(text, summary) {
      if (text.length > maxLeaseLength)
        throw new UserError(`cannot save ${what} on the target: it is too large`, {
          hint: `Make it smaller: it has ${text.length} characters, and ${maxLeaseLength} fit.`,
        });
      const spec = summary === '' ? {} : { holderIdentity: summary };
      return { annotations: { [marks.lease]: text }, fields: { spec } };
    },
    read: (object) => leaseSchema.parse(object).metadata.annotations[marks.lease],
  });
}

/** The clock of the API server, in whole seconds: the time at which it would create an object. Nothing is created. */
async function readClock({ kubectl }: KubernetesTarget): Promise<Date> {
  const object = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { generateName: 'slipway-clock-' },
  };
  const doing = 'read the clock of the cluster';
  const args = ['create', '--dry-run=server', '--validate=false', '--filename=-'];
  const output = '--output=jsonpath={.metadata.creationTimestamp}';
  const answer = await kubectl.execOrThrow(doing, [...args, output], JSON.stringify(object));
  const now = new Date(answer.trim());
  if (!Number.isNaN(now.getTime())) return now;
  throw new Fault(`cannot ${doing}: it answered without a time`);
}
