import type { Annotation, Level, RunnerEvent } from '../events.ts';
import { isResumeToken, parseCommand, type WorkflowCommand } from './commands.ts';
import type { Masks } from './masks.ts';

/** GitHub shows no more annotations of a kind for a step, and cuts their messages. */
const maxAnnotations = 10;
const maxMessageLength = 4096;
/** Commands that GitHub has switched off: what they did is done by files. */
const disabled = new Set(['set-env', 'add-path', 'set-output', 'save-state']);

/** What one step says: it follows masks, groups, annotations and stop-commands through the lines. */
export class StepConsole {
  readonly #where: { job: string; step: string };
  readonly #masks: Masks;
  readonly #emit: (event: RunnerEvent) => void;
  readonly #counts: Record<Level, number> = { error: 0, warning: 0, notice: 0 };
  #group: string | null = null;
  #resume: string | null = null;

  constructor(where: { job: string; step: string }, masks: Masks, emit: (event: RunnerEvent) => void) {
    this.#where = where;
    this.#masks = masks;
    this.#emit = emit;
  }

  readonly line = (line: string): void => {
    const command = parseCommand(line, this.#resume);
    if (!command) this.#log(line);
    else if (this.#resume === null) this.#obey(command, line);
    else this.#resume = null;
  };

  annotate(annotation: Annotation): void {
    this.#counts[annotation.level] += 1;
    const message = this.#masks.mask(annotation.message).slice(0, maxMessageLength);
    const title = annotation.title === undefined ? {} : { title: this.#masks.mask(annotation.title) };
    if (this.#counts[annotation.level] > maxAnnotations) this.#log(annotation.message);
    else this.#emit({ type: 'annotation', at: Date.now(), ...this.#where, ...annotation, ...title, message });
  }

  error(message: string): void {
    this.annotate({ level: 'error', message });
  }

  summary(markdown: string): void {
    this.#emit({ type: 'summary', at: Date.now(), ...this.#where, markdown: this.#masks.mask(markdown) });
  }

  #obey({ name, message, properties }: WorkflowCommand, line: string): void {
    if (name === 'error' || name === 'warning' || name === 'notice') {
      this.annotate({ level: name, message, ...readLocation(properties) });
    } else if (name === 'add-mask') this.#masks.add(message);
    else if (name === 'debug') this.#log(message, 'debug');
    else if (name === 'group') {
      this.#group = this.#masks.mask(message);
      this.#log(message, 'group');
    } else if (name === 'endgroup') this.#group = null;
    else if (name === 'stop-commands') this.#stop(message);
    else if (disabled.has(name)) this.error(`The command '${name}' is disabled: write to the file instead.`);
    else this.#log(line);
  }

  #stop(token: string): void {
    if (isResumeToken(token)) this.#resume = token;
    else this.error(`Invalid token for stop-commands: '${token}'`);
  }

  #log(text: string, level: 'info' | 'debug' | 'group' = 'info'): void {
    for (const line of this.#masks.mask(text).split('\n')) {
      this.#emit({ type: 'log', at: Date.now(), ...this.#where, level, group: this.#group, line });
    }
  }
}

function readLocation(properties: Record<string, string>): Partial<Annotation> {
  const { title, file } = properties;
  const numbers = (['line', 'endLine', 'col', 'endColumn'] as const).flatMap((name) =>
    properties[name] === undefined ? [] : [[name, Number(properties[name])] as const],
  );
  return {
    ...(title === undefined ? {} : { title }),
    ...(file === undefined ? {} : { file }),
    ...Object.fromEntries(numbers),
  };
}
