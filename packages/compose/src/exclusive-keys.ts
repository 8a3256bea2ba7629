import type { ComposeModel } from './engine.ts';

/** A key of a Compose service that lets only one of its containers run at a time. */
export interface ExclusiveKey {
  /** Where it is in the service. */
  path: readonly string[];
  /** What is wrong with it, after the name of the service. */
  problem: string;
}

/** Keys of a service that keep a second container from starting next to the first. */
export function exclusiveKeys(service: ComposeModel['services'][string]): ExclusiveKey[] {
  const { container_name: name, network_mode: mode, ports, networks } = service;
  const published = (ports ?? []).flatMap(({ published: port }) =>
    port && !port.includes('-') ? [port] : [],
  );
  const addressed = Object.entries(networks ?? {}).filter(([, network]) => network?.ipv4_address);
  return [
    ...(name ? [{ path: ['container_name'], problem: `has container_name "${name}"` }] : []),
    ...(published.length > 0
      ? [{ path: ['ports'], problem: `publishes host port ${published.join(', ')}` }]
      : []),
    ...(mode === 'host' ? [{ path: ['network_mode'], problem: 'uses network_mode host' }] : []),
    ...addressed.map(([network]) => ({
      path: ['networks', network, 'ipv4_address'],
      problem: `has a fixed IP address in network ${network}`,
    })),
  ];
}
