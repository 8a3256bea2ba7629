import { UserError } from '@slipway/kernel';

/** The inputs of a stand-in: every one that is given must be asked for, or the step is refused. */
export class Inputs {
  readonly #name: string;
  readonly #given: Record<string, string>;
  readonly #where: string;

  constructor(name: string, given: Record<string, string>, where: string) {
    this.#name = name;
    this.#given = given;
    this.#where = where;
  }

  /** @throws UserError when an input is given that is not among those known here. */
  known(...names: string[]): void {
    const unknown = Object.keys(this.#given).find((name) => !names.includes(name));
    if (unknown) this.refuse(`the input "${unknown}"`);
  }

  text(name: string, standard = ''): string {
    return this.#given[name] || standard;
  }

  flag(name: string, standard: boolean): boolean {
    return this.text(name, String(standard)).toLowerCase() === 'true';
  }

  refuse(what: string): never {
    throw new UserError(`${this.#where}: ${what} of ${this.#name} is not implemented by the local runner`);
  }
}
