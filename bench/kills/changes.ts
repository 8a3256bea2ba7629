import { unpackText } from '@slipway/platform';
import * as z from 'zod';

/** A program that a run starts. */
export interface Call {
  argv: readonly string[];
  /** What it reads from its standard input. */
  input: string;
}

/** What a call of docker changes, in few words. Pure. */
export function dockerChange({ argv }: Call): string {
  const [command = '', ...args] = argv;
  const last = args.at(-1) ?? '';
  if (command === 'volume' && args[0] === 'create') return written(last, argv);
  if (command === 'volume') return `volume ${args[0]}`;
  if (command === 'compose') return `compose ${args.includes('up') ? 'up' : 'other'} ${last}`;
  if (command === 'cp') return `cp ${last.split('/').at(-1)}`;
  if (command === 'exec') return `exec ${args.slice(1).join(' ')}`;
  return command;
}

/** A value of a register, which is in the labels of a volume. */
function written(volume: string, argv: readonly string[]): string {
  const [, register = 'other'] = /-(state|lease|document)(?:-|$)/.exec(volume) ?? [];
  const parts = argv.flatMap((one) => /^dev\.slipway\.text\.\d+=(.*)$/s.exec(one)?.[1] ?? []);
  return describeValue(register, unpackText(volume, parts.join('')));
}

/** What a call of kubectl changes, in few words. Pure. */
export function kubectlChange({ argv, input }: Call): string {
  const words = argv.filter((one) => !one.startsWith('-'));
  const [verb = ''] = words;
  if (input === '') return words.slice(0, 3).join(' ');
  const parsed = parseJson(input);
  const object = objectSchema.safeParse(listSchema.safeParse(parsed).data?.items[0] ?? parsed).data;
  if (!object) return verb;
  const { kind, metadata, binaryData } = object;
  const lease = metadata.annotations['slipway.dev/lease'];
  if (kind === 'Lease' && lease) return describeValue('lease', lease);
  const packed = binaryData['text.gz'];
  if (packed && !metadata.name.includes('-document-'))
    return describeValue('state', unpackText(metadata.name, packed));
  return `${verb} ${packed ? 'document' : `${kind} ${metadata.name}`}`;
}

const listSchema = z.object({ items: z.array(z.unknown()).min(1) });

const objectSchema = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string().default(''),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  binaryData: z.record(z.string(), z.string()).default({}),
});

const valueSchema = z.object({
  holder: z.unknown().optional(),
  releases: z.array(z.object({ phase: z.string() })).default([]),
});

const settled = ['proven', 'failed', 'restored'];

/** A lease is held or free; a state is named by the phase of the release that is unfinished, else of the newest. */
function describeValue(register: string, text: string): string {
  const value = valueSchema.safeParse(parseJson(text)).data;
  if (register === 'lease') return `lease ${value?.holder === null ? 'freed' : 'held'}`;
  if (register !== 'state') return register;
  const phases = value?.releases.map(({ phase }) => phase) ?? [];
  return `state ${phases.find((phase) => !settled.includes(phase)) ?? phases[0] ?? 'empty'}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
